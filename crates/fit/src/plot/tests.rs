use super::*;

fn plot(x: Axis, points: &[[f64; 2]], mark: Mark) -> Plot {
    let series = vec![
        Series { name: "found".to_owned(), mark, points: points.to_vec() },
        Series { name: "chance".to_owned(), mark: Mark::Guide, points: vec![[0.0, 0.0], [1.0, 1.0]] },
    ];
    Plot { title: "A <plot>".to_owned(), note: "It rises.".to_owned(), x, y: Axis::share("recall"), series }
}

#[test]
fn a_plot_is_drawn_between_its_axes() {
    let svg = plot(Axis::share("false positives"), &[[0.0, 0.0], [0.5, 0.5], [1.0, 1.0]], Mark::Line).svg("a");
    assert!(svg.contains("<path class=\"s0\" d=\"M56.0 232.0L226.0 122.0L396.0 12.0\"/>"), "{svg}");
    assert!(
        svg.contains("role=\"img\" aria-labelledby=\"a-t a-d\"")
            && svg.contains("<title id=\"a-t\">A &lt;plot&gt;</title>")
    );
    assert!(svg.contains(">20 %</text>") && svg.contains(">100 %</text>"), "{svg}");
    assert!(svg.contains(">found</text>") && svg.contains(">chance</text>"));
}

#[test]
fn steps_hold_their_height() {
    let svg = plot(Axis::share("x"), &[[0.0, 0.5], [0.5, 1.0], [1.0, 1.0]], Mark::Steps).svg("a");
    assert!(svg.contains("d=\"M56.0 122.0H226.0V12.0H396.0V12.0\""), "{svg}");
}

#[test]
fn logarithms_leave_out_what_has_none() {
    let axis = Axis::log("seconds");
    let svg = plot(axis, &[[0.0, 0.1], [1.0, 0.2], [100.0, 0.3], [f64::NAN, 0.4]], Mark::Line).svg("a");
    assert!(svg.contains(">1</text>") && svg.contains(">10</text>") && svg.contains(">100</text>"), "{svg}");
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
}

#[test]
fn nothing_and_one_value_are_drawn_too() {
    for points in [&[][..], &[[3.0, 0.5]][..], &[[f64::INFINITY, 0.5]][..]] {
        let svg = plot(Axis::linear("x"), points, Mark::Points).svg("a");
        assert!(svg.ends_with("</svg>") && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}

#[test]
fn a_page_needs_no_other_file() {
    let blocks = vec![
        Block::Heading("Shapes".to_owned()),
        Block::Text("What each says & why.".to_owned()),
        Block::Table {
            caption: "Test part".to_owned(),
            header: vec!["measure".to_owned(), "value".to_owned()],
            rows: vec![vec!["auc".to_owned(), "0.9".to_owned()]],
        },
        Block::Plots(vec![plot(Axis::share("x"), &[[0.0, 0.0], [1.0, 1.0]], Mark::Line)]),
    ];
    let html = Page { title: "Fit".to_owned(), blocks }.html();
    assert!(
        html.contains("<h2>Shapes</h2>") && html.contains("&amp; why") && html.contains("<th scope=\"row\">auc</th>")
    );
    assert!(html.contains("prefers-color-scheme:dark") && html.contains("id=\"plot1-t\""));
    assert!(!html.contains("http") && !html.contains("<script"));
    assert_eq!(html.matches("<figure>").count(), html.matches("</figure>").count());
}

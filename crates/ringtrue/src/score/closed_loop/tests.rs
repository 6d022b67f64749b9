use model::CarrierId;

use super::served::labelled_hours;
use super::*;

fn setup() -> Setup {
    let args = ScoreArgs::of_all_callers(Vec::new());
    Setup::read(&args, &mut Rejects::new(None, &[]).expect("no file")).expect("the shipped policy")
}

#[test]
fn hours_with_a_label_are_intervals() {
    let steps = |steps: &[(u32, Label)]| labelled_hours(steps);
    assert_eq!(steps(&[]), []);
    assert_eq!(steps(&[(5, Label::PotentialSpam)]), [(5, u32::MAX)]);
    assert_eq!(steps(&[(5, Label::PotentialSpam), (5, Label::None)]), []);
    let whole = [
        (5, Label::PotentialSpam),
        (6, Label::Spam),
        (9, Label::PotentialSpam),
        (12, Label::None),
        (20, Label::SpamLikely),
        (21, Label::None),
    ];
    assert_eq!(steps(&whole), [(5, 12), (20, 21)]);
}

#[test]
fn a_called_person_sees_the_label_of_their_own_carriers_engine() {
    let setup = setup();
    let views = Views::new(&setup.directory, None);
    let at = Timestamp::from_s(1_795_000_000).expect("a time");
    let hour = hour_index(at).expect("an hour");
    let carrier = |key: &str| {
        let place = setup.directory.carriers.iter().position(|carrier| carrier.key == key).expect("a carrier");
        Some(CarrierId(place as u8))
    };
    let tn = |line: u64| TelephoneNumber::from_digits(12_155_550_000 + line).expect("a number");
    let attempt = |carrier| Attempt { at, orig: tn(112), dest: tn(113), carrier, attestation: None };
    // Engine 0 labels AT&T's calls, engine 2 those of Verizon.
    let shown =
        vec![(1, vec![(hour - 3, Label::Spam), (hour, Label::PotentialSpam)]), (3, vec![(hour + 1, Label::Spam)])];
    let label = |carrier| label_of(&shown, &views, &attempt(carrier));
    assert_eq!(label(carrier("att")), Label::PotentialSpam);
    assert_eq!(label(carrier("verizon")), Label::None);
    assert_eq!(label(carrier("cox")), Label::None);
    assert_eq!(label(None), Label::None);
}

/// A world small enough to be played many times.
fn small() -> ClosedLoop {
    let directory = reputation::engines::Directory::parse("engines.toml", reputation::engines::Directory::SHIPPED);
    let options = sim::WorldOptions { days: 6, numbers: 400, seed: 3, first_day: 20_514, adversary: None };
    let scenario = sim::Scenario::shipped().expect("the shipped scenario");
    let world = World::new(&scenario, &directory.expect("the shipped directory"), options).expect("a world");
    ClosedLoop::new(&ScoreArgs::of_all_callers(Vec::new()), world).expect("a closed loop")
}

#[test]
fn labels_rest_on_the_past_alone() {
    let played = small();
    let views = Views::new(&played.setup.directory, None);
    let until = |shown: &Shown, hour: u32| -> Shown {
        let cut = shown.iter().map(|(place, steps)| {
            (*place, steps.iter().copied().filter(|&(from, _)| from <= hour).collect::<Vec<_>>())
        });
        cut.filter(|(_, steps)| !steps.is_empty()).collect()
    };
    let labelled = played.on_all_threads(
        "",
        || 0,
        |labelled, hands, actors| {
            let mut found = played.follow_once(actors, &views, hands, |_, _| ());
            while settle(actors, found) {
                actors.iter_mut().for_each(|actor| actor.play_where_changed(&played, &views));
                found = played.follow_once(actors, &views, hands, |_, _| ());
            }
            let settled: Vec<Shown> = actors.iter().map(|actor| actor.shown.clone()).collect();
            *labelled += settled.iter().filter(|shown| !shown.is_empty()).count();
            // Whoever knows the labels up to an hour finds the same ones up to then, whatever is shown later.
            for hour in [30, 60, 100].map(|hours| played.first_hour + hours) {
                for (actor, shown) in actors.iter_mut().zip(&settled) {
                    actor.shown = until(shown, hour);
                    actor.play(&played, &views);
                }
                let found = played.follow_once(actors, &views, hands, |_, _| ());
                for (found, settled) in found.iter().zip(&settled) {
                    assert_eq!(until(found, hour), until(settled, hour));
                }
            }
        },
    );
    assert!(labelled.iter().sum::<usize>() > 10, "{labelled:?}");
}

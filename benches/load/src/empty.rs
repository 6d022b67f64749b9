//! The least that the framework of the service can do: the same path, and nothing behind it.

use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use clap::Args;
use tokio::net::TcpListener;

/// Arguments of `empty`.
#[derive(Args)]
pub(crate) struct EmptyArgs {
    /// Address and port to listen on.
    #[arg(long)]
    listen: std::net::SocketAddr,
}

/// Serves until it is killed; says so once it listens. The runtime is made as that of `ringtrue serve`.
pub(crate) fn serve(args: &EmptyArgs) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(args.listen).await?;
        println!("listening on {}", args.listen);
        let router = Router::new().route("/v1/labels/{tn}", get(async || ""));
        let listener = listener.tap_io(|stream| {
            // As the service does: else answers wait for acknowledgements.
            let _best_effort = stream.set_nodelay(true);
        });
        axum::serve(listener, router).await?;
        Ok(())
    })
}

package dev.buildman;

import dev.buildman.config.HostPort;
import dev.buildman.model.BuildId;
import dev.buildman.model.Installation;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.events.StatusReader;
import dev.buildman.orchestrator.job.Jobs;
import dev.buildman.sources.SourceHandler;
import dev.buildman.sources.SourceServer;
import dev.buildman.sources.SourceStore;
import dev.buildman.sources.SourceUrls;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Uploaded sources: where they lie, and how agents get them.
 *
 * @param server serves them to agents
 */
record SourcesSide(SourceStore store, SourceUrls urls, SourceServer server) {

  static SourcesSide start(
      Settings settings,
      Keys keys,
      Installation installation,
      OrchestratorScripts scripts,
      InstantSource clock)
      throws IOException {
    Keeping.Sources kept = settings.work().keeping().sources();
    boolean others = !new StatusReader(scripts).managers().isEmpty();
    SharedFolder.check(kept.directory(), installation, others);
    SourceStore store = SourceStore.open(kept.directory(), kept.maxSize(), clock);
    SourceUrls urls =
        new SourceUrls(kept.url().orElseGet(() -> base(settings)), keys.secrets(), clock);
    Jobs jobs = new Jobs(scripts);
    Listeners listeners = settings.listeners();
    Optional<SSLContext> tls = listeners.agents().tls().map(PemContext::of);
    SourceServer server =
        SourceServer.start(
            AgentsSide.socket(listeners.sources()),
            tls,
            new SourceHandler(
                store,
                urls,
                (build, attempt) ->
                    jobs.get(new BuildId(build))
                        .filter(job -> job.attempt().number() == attempt)
                        .isPresent()));
    return new SourcesSide(store, urls, server);
  }

  private static URI base(Settings settings) {
    Listeners listeners = settings.listeners();
    HostPort address =
        new HostPort(settings.identity().dialled().host(), listeners.sources().port());
    return URI.create((listeners.agents().tls().isPresent() ? "https://" : "http://") + address);
  }
}

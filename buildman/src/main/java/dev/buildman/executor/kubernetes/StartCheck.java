package dev.buildman.executor.kubernetes;

import dev.buildman.executor.WorkerRequest;
import dev.buildman.executor.kubernetes.WorkerKind.Written;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;

/**
 * Finds out at the start what would else be learned from the first build: it asks for the rights,
 * and lets the cluster judge a Job that it does not make.
 */
final class StartCheck {
  private final Cluster cluster;
  private final KubernetesSettings settings;
  private final WorkerKind kind;
  private final JobManifest manifest;

  StartCheck(Cluster cluster, KubernetesSettings settings, WorkerKind kind, JobManifest manifest) {
    this.cluster = cluster;
    this.settings = settings;
    this.kind = kind;
    this.manifest = manifest;
  }

  /** A sentence for each thing that keeps workers from starting; none when all is well. */
  List<String> findings() {
    List<String> rights = RightsCheck.findings(cluster, kind.needsSecret());
    if (!rights.isEmpty()) {
      // The Job would only be refused for the same.
      return rights;
    }
    return switch (kind.write(any())) {
      case Written.Impossible(String sentence) -> List.of(sentence);
      case Written.Parts parts -> judged(parts);
    };
  }

  private List<String> judged(Written.Parts parts) {
    try {
      cluster.judge(manifest.job(any(), parts, false));
      return List.of();
    } catch (KubernetesClientException e) {
      String words = ApiAnswer.words(e, cluster.where());
      return ApiAnswer.isQuota(words) ? List.of() : List.of("it refuses workers: " + words);
    }
  }

  private WorkerRequest any() {
    return WorkerRequest.forCheck(settings.common().maxLifetime());
  }
}

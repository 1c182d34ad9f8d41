package dev.buildman.executor.kubernetes;

import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.executor.kubernetes.WorkerKind.Written;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;

/** Makes the Job of a worker, then its Secret; takes the Job back where the Secret cannot be. */
final class Launch {
  private final Cluster cluster;
  private final WorkerLabels labels;
  private final WorkerKind worker;
  private final JobManifest manifest;

  Launch(Cluster cluster, WorkerLabels labels, WorkerKind worker, JobManifest manifest) {
    this.cluster = cluster;
    this.labels = labels;
    this.worker = worker;
    this.manifest = manifest;
  }

  /** Launches one worker; {@code ownUsers} as of {@link JobManifest#job}. */
  LaunchResult run(WorkerRequest request, boolean ownUsers) {
    return switch (worker.write(request)) {
      case Written.Impossible(String sentence) ->
          new LaunchResult.SurelyNothing(FailureClass.REFUSED, sentence);
      case Written.Parts parts -> make(request, parts, ownUsers);
    };
  }

  private LaunchResult make(WorkerRequest request, Written.Parts parts, boolean ownUsers) {
    try {
      return handOver(request, parts, cluster.create(manifest.job(request, parts, ownUsers)));
    } catch (KubernetesClientException e) {
      return e.getCode() == 409
          ? conflict(request, parts, e)
          : ApiAnswer.launch(e, cluster.where());
    }
  }

  /** The name is taken: by this very launch, or by a Job on its way out (K19). */
  private LaunchResult conflict(
      WorkerRequest request, Written.Parts parts, KubernetesClientException conflict) {
    try {
      Optional<Job> present = cluster.job(request.name().value());
      if (present.isEmpty()) {
        return new LaunchResult.Unknown(
            "a Job of this name was there, and is gone: " + request.name());
      }
      Job job = present.get();
      if (!labels.areOf(request, job) || job.getMetadata().getDeletionTimestamp() != null) {
        return new LaunchResult.Unknown(ApiAnswer.words(conflict, cluster.where()));
      }
      return handOver(request, parts, job);
    } catch (KubernetesClientException e) {
      return new LaunchResult.Unknown(ApiAnswer.words(e, cluster.where()));
    }
  }

  // The Job is there, and its pod waits for the Secret: without it nothing ever runs.
  private LaunchResult handOver(WorkerRequest request, Written.Parts parts, Job job) {
    if (parts.secret().isEmpty()) {
      return started(job);
    }
    try {
      cluster.create(manifest.secret(request, parts, job));
      return started(job);
    } catch (KubernetesClientException e) {
      if (e.getCode() == 409) {
        return started(job);
      }
      String trouble = "the token's Secret was not made: " + ApiAnswer.words(e, cluster.where());
      LaunchResult result =
          switch (ApiAnswer.launch(e, cluster.where())) {
            case LaunchResult.SurelyNothing(FailureClass why, String _) ->
                new LaunchResult.SurelyNothing(why, trouble);
            default -> new LaunchResult.Unknown(trouble);
          };
      return takeBack(job, result);
    }
  }

  private LaunchResult takeBack(Job job, LaunchResult result) {
    try {
      cluster.delete(job.getMetadata().getName());
      return result;
    } catch (KubernetesClientException e) {
      return new LaunchResult.Unknown(
          "a Job was left without its Secret: " + ApiAnswer.words(e, cluster.where()));
    }
  }

  private static LaunchResult started(Job job) {
    return new LaunchResult.Started(WorkerLabels.id(job));
  }
}

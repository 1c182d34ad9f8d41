package dev.buildman.edge.client;

import com.google.protobuf.Timestamp;
import dev.buildman.intake.BuildView;
import dev.buildman.model.BuildResult;
import dev.buildman.model.HistoryEntry;
import dev.buildman.model.Source;
import dev.buildman.model.Usage;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.ResourceUsage;
import dev.buildman.proto.v1.Result;
import dev.buildman.proto.v1.Worker;
import java.time.Instant;

/** Writes builds and their history as messages. */
final class BuildMessages {

  private BuildMessages() {}

  static Build build(BuildView view) {
    Build.Builder build =
        Build.newBuilder()
            .setId(view.id().value())
            .setForeignId(view.notes().foreignId())
            .putAllMetadata(view.notes().metadata())
            .setRepository(view.spec().repository().toString())
            .setRegistry(view.spec().registry())
            .addAllTags(view.spec().tags())
            .setSource(source(view.spec().source()))
            .setPhase(Phases.message(view.standing().phase()))
            .setReason(view.standing().reason())
            .setReasonText(view.standing().sentence())
            .setQueuePosition(view.queuePosition())
            .setCancelledBy(view.origin().cancelledBy());
    counts(build, view.counts());
    times(build, view.times());
    view.origin().retryOf().ifPresent(id -> build.setRetryOf(id.value()));
    view.worker().ifPresent(worker -> build.setWorker(worker(worker)));
    view.result().ifPresent(result -> build.setResult(result(result)));
    return build.build();
  }

  private static Result result(BuildResult result) {
    Result.Builder message =
        Result.newBuilder()
            .setImageId(result.imageId())
            .addAllDigests(result.digests())
            .setSizeBytes(result.sizeBytes())
            .setResolvedBaseImage(result.baseImage());
    if (result.peak().isKnown()) {
      message.setPeak(usage(result.peak()));
    }
    return message.build();
  }

  private static ResourceUsage usage(Usage usage) {
    return ResourceUsage.newBuilder()
        .setCpuMillis(usage.cpuMillis())
        .setMemoryBytes(usage.memoryBytes())
        .setDiskBytes(usage.diskBytes())
        .build();
  }

  private static void counts(Build.Builder build, BuildView.Counts counts) {
    build
        .setAttempt(counts.attempt())
        .setTriesLeft(counts.triesLeft())
        .setInterruptions(counts.interruptions())
        .setPriority(counts.priority());
  }

  private static void times(Build.Builder build, BuildView.Times times) {
    build.setEnqueuedAt(timestamp(times.enqueued()));
    times.started().ifPresent(at -> build.setStartedAt(timestamp(at)));
    times.ended().ifPresent(at -> build.setEndedAt(timestamp(at)));
  }

  private static Worker worker(BuildView.WorkerView worker) {
    Worker.Builder message =
        Worker.newBuilder()
            .setExecutor(worker.executor())
            .setExecutionId(worker.executionId())
            .setAgentVersion(worker.agentVersion());
    worker.launched().ifPresent(at -> message.setLaunchedAt(timestamp(at)));
    worker.registered().ifPresent(at -> message.setRegisteredAt(timestamp(at)));
    if (worker.usage().isKnown()) {
      message.setUsage(usage(worker.usage()));
    }
    return message.build();
  }

  private static String source(Source source) {
    return switch (source) {
      // Of a view: what is left of it is no secret.
      case Source.PackageUrl packageUrl -> packageUrl.url().reveal();
      case Source.Git git -> git.ref().isEmpty() ? git.url() : git.url() + "#" + git.ref();
      case Source.Inline _ -> "inline";
      case Source.Uploaded(String digest) -> digest;
      case Source.Image(String reference) -> reference;
    };
  }

  static Event event(HistoryEntry entry) {
    return Event.newBuilder()
        .setTime(timestamp(entry.time()))
        .setReason(entry.reason())
        .setAttempt(entry.attempt())
        .setExecutor(entry.executor())
        .setText(entry.sentence())
        .build();
  }

  static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}

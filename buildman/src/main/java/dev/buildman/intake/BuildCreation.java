package dev.buildman.intake;

import dev.buildman.intake.RequestCheck.Checked;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.BuildId;
import dev.buildman.model.Capability;
import dev.buildman.model.Source;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.SealedSpec;
import dev.buildman.orchestrator.queue.Enqueue;
import dev.buildman.orchestrator.queue.NewBuild;
import dev.buildman.seal.Annotations;
import dev.buildman.seal.SealedSpecs;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes new builds: checks, seals, enqueues. */
public final class BuildCreation {

  private static final Logger log = LoggerFactory.getLogger(BuildCreation.class);

  private final OrchestratorScripts scripts;
  private final Enqueue enqueue;
  private final SealedSpecs specs;
  private final UploadedSources sources;
  private final BuildReader reader;
  private final IntakeSettings settings;
  private final Patience patience;
  private final Metrics metrics;

  /** What a creation needs. */
  public record Parts(
      OrchestratorScripts scripts,
      SealedSpecs specs,
      UploadedSources sources,
      BuildReader reader,
      Patience patience,
      Metrics metrics) {}

  /** Takes builds by these settings. */
  public BuildCreation(Parts parts, IntakeSettings settings) {
    this.scripts = parts.scripts();
    this.enqueue = new Enqueue(parts.scripts());
    this.specs = parts.specs();
    this.sources = parts.sources();
    this.reader = parts.reader();
    this.patience = parts.patience();
    this.metrics = parts.metrics();
    this.settings = settings;
  }

  /**
   * @param existing nothing was enqueued, as the id or key was known with the same request
   */
  public record Created(BuildView build, boolean existing) {}

  /**
   * Enqueues a build. Once this answers Done the build is stored and will end in one terminal
   * phase.
   *
   * @throws OrchestratorAway when it is not known whether it was stored: ask again with the same id
   *     or key
   */
  public Answer<Created> run(BuildRequest request) {
    return switch (RequestCheck.check(request, settings.registry(), sources::isThere)) {
      case RequestCheck.Verdict.Bad bad -> new Answer.Invalid<>(bad.violations());
      case RequestCheck.Verdict.Good good -> enqueue(good.request());
    };
  }

  private Answer<Created> enqueue(Checked checked) {
    NewBuild build = newBuild(checked);
    return switch (patience.call(() -> enqueue.run(build))) {
      case Result.Applied<BuildId>(BuildId id) -> {
        metrics.enqueued();
        log.info("build enqueued: build={}, repository={}", id, build.repository());
        yield created(id, false);
      }
      case Result.AlreadyThere<BuildId>(BuildId id) -> created(id, true);
      case Result.Refused<BuildId>(Refusal refusal, String detail) -> refused(refusal, detail);
    };
  }

  Answer<Created> created(BuildId id, boolean existing) {
    return reader
        .find(id)
        .<Answer<Created>>map(view -> new Answer.Done<>(new Created(view, existing)))
        .orElseGet(() -> Answer.unknown(id.value()));
  }

  Answer<Created> refused(Refusal refusal, String detail) {
    return switch (refusal) {
      case OTHER_BODY ->
          new Answer.Denied<>(
              Answer.Denial.OTHER_BODY,
              "the id or idempotency key belongs to build "
                  + detail
                  + ", which asks for something else: use a new one",
              detail);
      case QUEUE_FULL -> queueFull();
      default -> throw new IllegalStateException("enqueue was refused: " + refusal + " " + detail);
    };
  }

  private <T> Answer<T> queueFull() {
    int limit = scripts.limits().capacity().maxQueued();
    return new Answer.Denied<>(
        Answer.Denial.QUEUE_FULL,
        "the queue is full: %d builds wait, and MAX_QUEUED is %d; try again later"
            .formatted(limit, limit),
        Integer.toString(limit));
  }

  private NewBuild newBuild(Checked checked) {
    Annotations annotations = new Annotations(checked.foreignId(), checked.metadata());
    byte[] stored = specs.seal(checked.id(), checked.spec(), annotations);
    NewBuild.Options options =
        new NewBuild.Options(
            checked.idempotencyKey(),
            checked.priority(),
            checked.tries() == 0 ? settings.tries() : checked.tries(),
            checked.timeout().or(settings::timeout),
            needs(checked),
            checked.spec().source() instanceof Source.Uploaded(String digest) ? digest : "");
    return new NewBuild(
        checked.id(),
        checked.spec().repository(),
        SealedSpec.of(stored),
        bodyHash(checked, annotations),
        options);
  }

  private static Set<String> needs(Checked checked) {
    return Capability.neededBy(checked.spec()).stream()
        .map(Capability::word)
        .collect(Collectors.toUnmodifiableSet());
  }

  // Of what the client sent, not of defaults filled in: a reload must not make a repeat another
  // request.
  private static String bodyHash(Checked checked, Annotations annotations) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      long timeout = checked.timeout().map(Duration::toMillis).orElse(0L);
      sha256.update(
          ByteBuffer.allocate(16)
              .putInt(checked.priority())
              .putInt(checked.tries())
              .putLong(timeout)
              .flip());
      sha256.update(SealedSpecs.fingerprint(checked.spec(), annotations));
      return HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}

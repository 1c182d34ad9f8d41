package dev.buildman.executor.docker;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.PullImageCmd;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.PullResponseItem;
import dev.buildman.config.ConfigMap;
import dev.buildman.model.Secret;
import dev.buildman.runtime.Threads;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker image on the daemon's machine. It is pulled beside the launches, never in one: a pull
 * takes minutes, and its failures are nobody's build. Safe for use by several threads.
 */
final class WorkerImage {
  private static final Logger log = LoggerFactory.getLogger(WorkerImage.class);

  private static final Duration LIMIT = Duration.ofMinutes(30);

  /** How long a failed pull is left alone. */
  private static final Duration AGAIN = Duration.ofSeconds(30);

  /** How long an image that is always to be pulled counts as new. */
  private static final Duration FRESH = Duration.ofMinutes(10);

  /** When an image is pulled. */
  enum Pull {
    MISSING,
    ALWAYS,
    NEVER
  }

  /**
   * Where the image comes from.
   *
   * @param reference with its tag or digest
   * @param user of the registry; empty: an anonymous pull
   */
  record Source(String reference, Pull pull, String user, Secret password) {

    static Source parse(ConfigMap map, String ourVersion) {
      Optional<String> named = map.text("WORKER_IMAGE");
      String tag = map.text("WORKER_TAG", "latest");
      String reference =
          named
              .map(image -> isTagged(image) ? image : image + ":" + tag)
              .orElse("buildman/builder-agent:" + ourVersion);
      return new Source(
          reference,
          map.choice("PULL", Pull.MISSING),
          map.text("QUAY_USERNAME", ""),
          map.secret("QUAY_PASSWORD").orElse(Secret.NONE));
    }

    private static boolean isTagged(String image) {
      return image.contains("@") || image.lastIndexOf(':') > image.lastIndexOf('/');
    }
  }

  private enum Kind {
    UNKNOWN,
    PRESENT,
    PULLING,
    FAILED
  }

  /**
   * @param since by the ticker
   */
  private record State(Kind kind, String sentence, long since) {}

  private final Daemon daemon;
  private final Source source;
  private final Ticker ticker;
  private final AtomicReference<State> state;

  WorkerImage(Daemon daemon, Source source, Ticker ticker) {
    this.daemon = daemon;
    this.source = source;
    this.ticker = ticker;
    this.state = new AtomicReference<>(now(Kind.UNKNOWN, ""));
  }

  String reference() {
    return source.reference();
  }

  /**
   * Why no worker can be made of it yet; a pull is begun where that helps.
   *
   * @return empty when the image is there, as far as is known
   */
  Optional<String> trouble() {
    State seen = state.get();
    return switch (seen.kind()) {
      case PRESENT -> {
        if (source.pull() == Pull.ALWAYS && ticker.since(seen.since()).compareTo(FRESH) >= 0) {
          begin(seen, now(Kind.PRESENT, ""));
        }
        yield Optional.empty();
      }
      case PULLING -> Optional.of(seen.sentence());
      case FAILED -> {
        if (ticker.since(seen.since()).compareTo(AGAIN) >= 0) {
          begin(seen, pulling());
        }
        yield Optional.of(seen.sentence());
      }
      case UNKNOWN -> look(seen);
    };
  }

  private Optional<String> look(State seen) {
    if (source.pull() != Pull.ALWAYS && isThere()) {
      state.compareAndSet(seen, now(Kind.PRESENT, ""));
      return Optional.empty();
    }
    if (source.pull() == Pull.NEVER) {
      return Optional.of(
          "the worker image %s is not on %s, and PULL is never"
              .formatted(source.reference(), daemon.where()));
    }
    State pulling = pulling();
    begin(seen, pulling);
    return Optional.of(pulling.sentence());
  }

  private boolean isThere() {
    try {
      return daemon.calls().inspectImageCmd(source.reference()).exec() != null;
    } catch (NotFoundException e) {
      return false;
    }
  }

  /** The daemon does not have it any more. */
  void lost() {
    state.set(now(Kind.UNKNOWN, ""));
  }

  private State pulling() {
    return now(Kind.PULLING, "the worker image %s is being pulled".formatted(source.reference()));
  }

  private State now(Kind kind, String sentence) {
    return new State(kind, sentence, ticker.nanos());
  }

  private void begin(State seen, State meanwhile) {
    if (state.compareAndSet(seen, meanwhile)) {
      Thread pull = Threads.start("pull-" + source.reference(), () -> pull(meanwhile));
      log.info("worker image is pulled: image={}, thread={}", source.reference(), pull.getName());
    }
  }

  private void pull(State meanwhile) {
    Outcome outcome = new Outcome();
    String trouble;
    try {
      boolean ended = command().exec(outcome).awaitCompletion(LIMIT.toSeconds(), TimeUnit.SECONDS);
      trouble = ended ? outcome.trouble : "it took longer than " + LIMIT.toMinutes() + " minutes";
    } catch (InterruptedException e) {
      trouble = "interrupted";
    } catch (RuntimeException e) {
      trouble = DaemonAnswer.words(e, daemon.where());
    }
    if (trouble == null) {
      log.info("worker image is there: image={}", source.reference());
      state.set(now(Kind.PRESENT, ""));
    } else if (meanwhile.kind() == Kind.PRESENT) {
      log.warn("worker image not renewed: image={}, cause={}", source.reference(), trouble);
      state.set(now(Kind.PRESENT, ""));
    } else {
      String sentence =
          "the worker image %s could not be pulled: %s".formatted(source.reference(), trouble);
      log.warn("{}", sentence);
      state.set(now(Kind.FAILED, sentence));
    }
  }

  private PullImageCmd command() {
    PullImageCmd command = daemon.streams().pullImageCmd(source.reference());
    return source.user().isEmpty()
        ? command
        : command.withAuthConfig(
            new AuthConfig().withUsername(source.user()).withPassword(source.password().reveal()));
  }

  /** A pull that fails in the middle was answered with status 200 long before. */
  private static final class Outcome extends ResultCallback.Adapter<PullResponseItem> {
    private volatile @Nullable String trouble;

    @Override
    public void onNext(PullResponseItem item) {
      if (item.getErrorDetail() != null) {
        trouble = item.getErrorDetail().getMessage();
      }
    }
  }
}

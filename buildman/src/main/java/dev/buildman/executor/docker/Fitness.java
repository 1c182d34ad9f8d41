package dev.buildman.executor.docker;

import com.github.dockerjava.api.model.Version;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Whether the daemon is one that workers can be started on: new enough, with the image. */
final class Fitness {
  /** Of Docker 19.03: the oldest that knows all that a worker's container is asked for with. */
  private static final String OLDEST = "1.40";

  private final Daemon daemon;
  private final WorkerImage image;
  private volatile boolean newEnough;

  Fitness(Daemon daemon, WorkerImage image) {
    this.daemon = daemon;
    this.image = image;
  }

  /** Why a launch would be of no use now; empty: nothing speaks against it. */
  Optional<LaunchResult.SurelyNothing> trouble() {
    try {
      Optional<String> sentence = tooOld();
      if (sentence.isEmpty()) {
        sentence = image.trouble();
      }
      return sentence.map(text -> new LaunchResult.SurelyNothing(FailureClass.REFUSED, text));
    } catch (RuntimeException e) {
      // Nothing was asked for yet: whatever this was, no worker comes of it.
      String words = DaemonAnswer.words(e, daemon.where());
      return Optional.of(
          DaemonAnswer.launch(e, daemon.where()) instanceof LaunchResult.SurelyNothing nothing
              ? nothing
              : new LaunchResult.SurelyNothing(FailureClass.UNREACHABLE, words));
    }
  }

  private Optional<String> tooOld() {
    if (newEnough) {
      return Optional.empty();
    }
    Version version = daemon.calls().versionCmd().exec();
    String api = String.valueOf(version.getApiVersion());
    if (!isAtLeast(api, OLDEST)) {
      return Optional.of(
          "%s is too old: version %s speaks API %s, and workers need %s (Docker 19.03)"
              .formatted(daemon.where(), version.getVersion(), api, OLDEST));
    }
    newEnough = true;
    return Optional.empty();
  }

  static boolean isAtLeast(String api, String oldest) {
    List<Integer> one = numbers(api);
    List<Integer> other = numbers(oldest);
    int first = Integer.compare(one.getFirst(), other.getFirst());
    return first > 0 || (first == 0 && one.getLast() >= other.getLast());
  }

  private static List<Integer> numbers(String version) {
    return version.matches("[0-9]{1,4}\\.[0-9]{1,4}")
        ? Arrays.stream(version.split("\\.", -1)).map(Integer::valueOf).toList()
        : List.of(0, 0);
  }
}

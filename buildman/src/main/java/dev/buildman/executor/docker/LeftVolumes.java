package dev.buildman.executor.docker;

import com.github.dockerjava.api.command.InspectVolumeResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes volumes of workers whose container is gone: what a daemon leaves that died while it made
 * or removed one. From one thread.
 */
final class LeftVolumes {
  private static final Logger log = LoggerFactory.getLogger(LeftVolumes.class);
  private static final Duration EVERY = Duration.ofSeconds(30);

  // Between a volume and its container nothing uses it; no daemon takes that long.
  private static final Duration LEFT_FOR = Duration.ofSeconds(60);

  private final Daemon daemon;
  private final List<String> selector;
  private final Ticker ticker;
  private final Map<String, Long> unused = new HashMap<>();
  private long looked;

  LeftVolumes(Daemon daemon, ContainerLabels labels, Ticker ticker) {
    this.daemon = daemon;
    this.selector =
        labels.selector().entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
    this.ticker = ticker;
    this.looked = ticker.nanos();
  }

  /**
   * Looks now and then, and removes what has been unused for long enough. What the daemon refuses
   * is only logged: its workers do not depend on it.
   */
  void runOnce() {
    if (ticker.since(looked).compareTo(EVERY) < 0) {
      return;
    }
    looked = ticker.nanos();
    try {
      look();
    } catch (RuntimeException e) {
      log.debug("volumes not looked at: {}", DaemonAnswer.words(e, daemon.where()));
    }
  }

  private void look() {
    Set<String> now = new HashSet<>();
    List<InspectVolumeResponse> volumes =
        daemon
            .calls()
            .listVolumesCmd()
            .withDanglingFilter(true)
            .withFilter("label", selector)
            .exec()
            .getVolumes();
    if (volumes != null) {
      volumes.forEach(volume -> now.add(volume.getName()));
    }
    unused.keySet().retainAll(now);
    for (String name : now) {
      long since = unused.computeIfAbsent(name, _ -> ticker.nanos());
      if (ticker.since(since).compareTo(LEFT_FOR) >= 0) {
        remove(name);
      }
    }
  }

  private void remove(String name) {
    try {
      daemon.calls().removeVolumeCmd(name).exec();
      log.info("volume of a worker that is gone removed: volume={}", name);
    } catch (NotFoundException | ConflictException e) {
      log.debug("volume not removed: volume={}, cause={}", name, e.getMessage());
    }
  }
}

package dev.buildman.executor;

import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Starts and stops disposable workers on one control plane.
 *
 * <p>All methods may be called from any thread, block, and may be interrupted; an interrupted
 * {@link #start} answers {@link LaunchResult.Unknown} unless nothing had been sent. Troubles of the
 * control plane are answers, not exceptions; an exception is a defect of the adapter, and its
 * caller treats it as "unknown".
 *
 * <p>Every worker carries, in the launch call itself (E6), a label, tag or cookie with its
 * execution name, build, attempt, installation and Redis uuid.
 */
public interface Executor extends AutoCloseable {

  /** Unique in the chain; recorded with every attempt. */
  ExecutorName name();

  /**
   * The host on which alone its workers can be seen and stopped: local processes, a daemon on a
   * local socket. Empty: any manager of the installation can. May change once, when a daemon that
   * was away has told who it is; nothing is launched before.
   */
  Optional<HostId> host();

  /**
   * Looks what is in the way of its workers before any is asked for: access, rights, settings that
   * the control plane refuses. Changes nothing there, and takes no longer than its calls may.
   *
   * @return a sentence for each thing, with its cure; none when all is well
   */
  default List<String> check() {
    return List.of();
  }

  /**
   * Launches one worker. The caller asks once for each execution name; an adapter whose client
   * repeats calls must make sure that one name never has two workers (K19, E4).
   */
  LaunchResult start(WorkerRequest request);

  /**
   * Asks a worker, and all that was made for it (secrets, volumes, folders), to go away: politely
   * first, by force after a grace of its own. Returns when the request was taken, not when the
   * worker ended. Idempotent, also for a worker that ended long ago or was never there.
   */
  StopResult stop(WorkerRef worker);

  /** Looks whether a worker has ended. Idempotent; changes nothing that runs. */
  Presence confirmGone(WorkerRef worker);

  /**
   * Waits for the end of a worker that goes by itself or was told to. An adapter that hears of ends
   * answers when it does; by default it is looked again and again, up to once a second.
   *
   * @param limit how long it is waited at most; some adapters look once more then
   * @return what was seen last
   */
  default Presence awaitGone(WorkerRef worker, Duration limit) throws InterruptedException {
    return Looks.untilGone(() -> confirmGone(worker), limit);
  }

  /**
   * The end of what a worker has printed so far: all there is to see of one whose agent never spoke
   * (E14). Asked before such a worker is stopped.
   *
   * @return oldest first, secrets masked; nothing where that cannot be read
   */
  default List<String> printed(WorkerRef worker) {
    return List.of();
  }

  /** Lists the workers of this installation; of those on its {@link #host} where it has one. */
  Inventory list();

  /**
   * Tells of workers that were started by this or any earlier manager (adoption): the end of each
   * one at least once, also when it came before the watch began, soon after it came. Events are
   * hints; {@link #confirmGone} is the truth.
   */
  Watch watch(WorkerListener listener);

  /** Lets go of connections and threads; workers live on. */
  @Override
  void close();
}

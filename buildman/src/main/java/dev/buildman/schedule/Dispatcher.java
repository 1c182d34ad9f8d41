package dev.buildman.schedule;

import dev.buildman.metrics.Metrics;
import dev.buildman.model.Nonce;
import dev.buildman.model.Why;
import dev.buildman.orchestrator.Insistence;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.queue.Claim;
import dev.buildman.orchestrator.queue.ClaimedBuild;
import dev.buildman.orchestrator.queue.TellHeads;
import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Loop;
import dev.buildman.runtime.Tasks;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims builds and walks each along the chain on a thread of its own. Claims while slots are free
 * and some executor is open and not full; woken by events and by the sweep. One claim call at a
 * time, repeated with its nonce until it is answered.
 */
public final class Dispatcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Backoff ON_FAILURE =
      new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5), 0.2, new Random());

  /**
   * Launches under way at once: what control planes take without throttling, and threads are cheap.
   */
  private static final int MOST_WALKS = 64;

  /** Builds that learn each second why nothing is claimed: waiting must cost Redis little. */
  private static final int MOST_TOLD = 100;

  private final Commands commands;
  private final Nonces nonces;
  private final ExecutorChain chain;
  private final ChainWalk walk;
  private final Insistence insistence;
  private final Metrics metrics;
  private final Ticker ticker = Ticker.system();
  private final Semaphore walks = new Semaphore(MOST_WALKS);
  private final Tasks tasks = new Tasks();
  private final AtomicInteger pace = new AtomicInteger(MOST_WALKS);
  private volatile @Nullable Loop loop;
  private @Nullable Why told;
  private long toldAt;

  /** What it runs beside the walks. */
  public record Commands(Claim claim, TellHeads tellHeads) {}

  public Dispatcher(
      Commands commands,
      Nonces nonces,
      ExecutorChain chain,
      ChainWalk walk,
      Insistence insistence,
      Metrics metrics) {
    this.commands = commands;
    this.nonces = nonces;
    this.chain = chain;
    this.walk = walk;
    this.insistence = insistence;
    this.metrics = metrics;
  }

  /** Begins to claim; once. */
  public void start() {
    loop = Loop.start("dispatcher", INTERVAL, ON_FAILURE, this::runOnce);
  }

  /** Something may be runnable. */
  public void wake() {
    Loop running = loop;
    if (running != null) {
      running.wake();
    }
  }

  /** Capacity came free somewhere. */
  public void wakeForRoom() {
    chain.sawRoom();
    wake();
  }

  /** Claims what can be launched now; returns when nothing more can. */
  void runOnce() throws InterruptedException {
    Optional<Why> standstill = chain.standstill();
    if (standstill.isPresent()) {
      tellHeads(standstill.get());
    } else {
      claimAll();
    }
  }

  private void tellHeads(Why why) {
    boolean recently = ticker.since(toldAt).compareTo(INTERVAL) < 0;
    if (!why.equals(told) || !recently) {
      commands.tellHeads().run(why, MOST_TOLD);
      told = why;
      toldAt = ticker.nanos();
    }
  }

  private void claimAll() throws InterruptedException {
    while (chain.mayTake()) {
      int asked = Math.min(walks.availablePermits(), pace.get());
      if (asked == 0) {
        return;
      }
      List<ClaimedBuild> builds = claim(asked);
      builds.forEach(this::begin);
      if (builds.size() < asked) {
        return;
      }
      pace.updateAndGet(now -> Math.min(MOST_WALKS, now * 2));
    }
  }

  private List<ClaimedBuild> claim(int most) throws InterruptedException {
    Nonce nonce = nonces.next();
    Result<List<ClaimedBuild>> claimed = insistence.until(() -> commands.claim().run(nonce, most));
    if (claimed.refused(Refusal.STALE_NONCE)) {
      log.error("claim refused, another process uses this manager's id: nonce={}", nonce);
    }
    return claimed.held().orElse(List.of());
  }

  private void begin(ClaimedBuild build) {
    // Permits go down by claims alone, and only this thread claims.
    if (!walks.tryAcquire()) {
      throw new IllegalStateException("claimed more than asked for");
    }
    tasks.start("walk-" + build.job().attempt(), () -> walkAndLeave(build));
  }

  private void walkAndLeave(ClaimedBuild build) {
    try {
      ChainWalk.Outcome outcome = walk.walk(build);
      if (outcome == ChainWalk.Outcome.PARKED) {
        // More claims would likely be given back too: one at a time until one is launched.
        pace.set(1);
      } else if (outcome == ChainWalk.Outcome.TRIED && build.job().attempt().number() == 1) {
        metrics.dispatched(build.history().waited());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      walks.release();
      wake();
    }
  }

  /** Claims nothing more; launches that are under way go on. */
  public void stopClaiming() {
    Loop running = loop;
    if (running != null) {
      running.close();
    }
  }

  /** Waits for the launches under way; false when the patience was over before. */
  public boolean awaitWalks(Duration patience) throws InterruptedException {
    boolean all = walks.tryAcquire(MOST_WALKS, patience.toNanos(), TimeUnit.NANOSECONDS);
    if (all) {
      walks.release(MOST_WALKS);
    }
    return all;
  }

  /**
   * Also gives up the launches that are under way: the sweep and their duties find what is left.
   */
  @Override
  public void close() {
    stopClaiming();
    tasks.close();
  }
}

package dev.buildman.agent.run;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.engine.Ability;
import dev.buildman.agent.engine.BaseImage;
import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.BuiltImage;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineCheck;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.PushPermit;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.proto.agent.FailureCode;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An engine that builds nothing: it can be told to fail or to hang in any step, and counts what it
 * would have put into the registry.
 */
final class FakeEngine implements BuildEngine {
  /** A step of a build. */
  enum Step {
    PULL,
    BUILD,
    PUSH
  }

  final AtomicInteger tagsPut = new AtomicInteger();
  final AtomicInteger closed = new AtomicInteger();
  final List<ImageReference> primed = new CopyOnWriteArrayList<>();
  volatile boolean gains = true;
  final CountDownLatch reached = new CountDownLatch(1);
  final CountDownLatch mayGoOn = new CountDownLatch(1);
  volatile @Nullable BuildRequest request;
  private volatile @Nullable Step hangsIn;
  volatile boolean failsWhenInterrupted;
  private volatile @Nullable Step failsIn;
  private volatile @Nullable Exception failure;

  /** The step waits until {@code mayGoOn}, and says so by {@code reached}. */
  FakeEngine hangIn(Step step) {
    hangsIn = step;
    return this;
  }

  /** The step throws this. */
  FakeEngine failIn(Step step, Exception thrown) {
    failsIn = step;
    failure = thrown;
    return this;
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public Set<Ability> abilities() {
    return EnumSet.allOf(Ability.class);
  }

  @Override
  public EngineCheck check() {
    return EngineCheck.able();
  }

  @Override
  public EngineCheck canBuild(Dockerfile dockerfile, BuildOptions options) {
    return EngineCheck.able();
  }

  @Override
  public EngineBuild open(BuildRequest asked, EngineLog log) {
    request = asked;
    return new Build(log);
  }

  private void step(Step step) throws EngineFailure, InterruptedException {
    if (step == hangsIn) {
      reached.countDown();
      try {
        mayGoOn.await();
      } catch (InterruptedException e) {
        if (failsWhenInterrupted) {
          throw EngineFailure.of(FailureCode.BUILD_ERROR, "the command was killed", e);
        }
        throw e;
      }
    }
    if (step == failsIn) {
      switch (failure) {
        case EngineFailure planted -> throw planted;
        case RuntimeException planted -> throw planted;
        case null, default -> throw new IllegalStateException("nothing planted");
      }
    }
  }

  private final class Build implements EngineBuild {
    private final EngineLog log;

    Build(EngineLog log) {
      this.log = log;
    }

    @Override
    public List<BaseImage> pull() throws EngineFailure, InterruptedException {
      log.status("pulling");
      step(Step.PULL);
      return List.of(new BaseImage("quay.io/base/image:1", "sha256:aa", "sha256:bb"));
    }

    @Override
    public boolean gainsFromEarlierImage() {
      return gains;
    }

    @Override
    public void prime(ImageReference earlier) {
      primed.add(earlier);
    }

    @Override
    public BuiltImage build() throws EngineFailure, InterruptedException {
      log.step(1, 1, "RUN something");
      log.output("building\n");
      step(Step.BUILD);
      return new BuiltImage("sha256:cc", 1);
    }

    @Override
    public PushResult push(PushPermit permit) throws EngineFailure, InterruptedException {
      log.status("pushing");
      step(Step.PUSH);
      permit.await();
      tagsPut.incrementAndGet();
      return new PushResult("sha256:cc", List.of("sha256:dd"), 42);
    }

    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }
}

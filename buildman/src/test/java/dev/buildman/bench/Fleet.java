package dev.buildman.bench;

import dev.buildman.proto.agent.BuildJobArgs;
import dev.buildman.proto.agent.BuildManagerGrpc;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.HeartbeatRequest;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.proto.agent.LogMessageRequest;
import dev.buildman.proto.agent.LogMessageResponse;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/** Agents that stand registered, each with a connection of its own, and what they can be let do. */
final class Fleet {
  private static final int LAUNCH_SECONDS = 60;
  private static final int LINES_A_MESSAGE = 100;
  private static final int MESSAGES_IN_FLIGHT = 4;
  private static final List<String> LINES =
      Collections.nCopies(
          LINES_A_MESSAGE,
          "{\"stream\":\"#7 12.31 a line of some eighty characters, as builds print them\\n\"}");

  private final List<Agent> agents = new ArrayList<>();

  private record Agent(ManagedChannel channel, String registration, String token) {
    BuildManagerGrpc.BuildManagerStub calls() {
      return BuildManagerGrpc.newStub(channel);
    }
  }

  /** Something that all agents do again and again, as fast as they are answered. */
  static final class Load {
    private final LongAdder done = new LongAdder();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicReference<Throwable> broken = new AtomicReference<>();
    private volatile Runnable ending = () -> {};

    private void onStop(Runnable last) {
      ending = last;
    }

    /** How often it was done until now. */
    long done() {
      return done.sum();
    }

    private void broke(Throwable cause) {
      if (!stop.get()) {
        broken.compareAndSet(null, cause);
      }
    }

    private void ended() {
      broke(new IllegalStateException("the manager ended the stream"));
    }

    void stop() {
      stop.set(true);
      ending.run();
      if (broken.get() != null) {
        throw new IllegalStateException("an agent's call failed", broken.get());
      }
    }
  }

  /** Enqueues builds, waits for their launches and registers their agents. */
  static Fleet register(BenchManager manager, Launches launches, int count)
      throws InterruptedException {
    BlockingQueue<Launches.Launched> launched = new LinkedBlockingQueue<>();
    launches.playedBy(launched::add);
    for (int i = 0; i < count; i++) {
      manager.create();
    }
    Fleet fleet = new Fleet();
    for (int i = 0; i < count; i++) {
      Launches.Launched worker = launched.poll(LAUNCH_SECONDS, TimeUnit.SECONDS);
      if (worker == null) {
        throw new IllegalStateException("only " + i + " workers were launched");
      }
      ManagedChannel channel = manager.keptChannel();
      BuildPack pack =
          BuildManagerGrpc.newBlockingStub(channel).registerBuildJob(hello(worker.token()));
      fleet.agents.add(new Agent(channel, worker.token(), pack.getJobJwt()));
    }
    return fleet;
  }

  static BuildJobArgs hello(String registrationToken) {
    return BuildJobArgs.newBuilder()
        .setRegisterJwt(registrationToken)
        .setAgentVersion("1.0")
        .addCapabilities("inline_dockerfile")
        .build();
  }

  /** One beat of each agent is under way at any time. */
  Load beat() {
    Load load = new Load();
    for (Agent agent : agents) {
      HeartbeatRequest beat = HeartbeatRequest.newBuilder().setJobJwt(agent.token()).build();
      new Pump<HeartbeatRequest, HeartbeatResponse>(
              agent.calls()::heartbeat,
              () -> beat,
              _ -> load.done.increment(),
              load.stop,
              load.broken)
          .start(1);
    }
    return load;
  }

  /** Each beats once in the period, evenly spread, whatever the answers take. */
  Load rest(Duration period) {
    Load load = new Load();
    List<StreamObserver<HeartbeatRequest>> streams = new ArrayList<>();
    List<HeartbeatRequest> beats = new ArrayList<>();
    for (Agent agent : agents) {
      beats.add(HeartbeatRequest.newBuilder().setJobJwt(agent.token()).build());
      streams.add(agent.calls().heartbeat(new Counting<>(load, load::ended)));
    }
    AtomicLong next = new AtomicLong();
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    ScheduledFuture<?> beating =
        clock.scheduleAtFixedRate(
            () -> {
              int which = (int) (next.getAndIncrement() % agents.size());
              streams.get(which).onNext(beats.get(which));
            },
            0,
            period.toNanos() / agents.size(),
            TimeUnit.NANOSECONDS);
    load.onStop(
        () -> {
          if (beating.state() == Future.State.FAILED) {
            load.broken.compareAndSet(null, beating.exceptionNow());
          }
          clock.shutdownNow();
        });
    return load;
  }

  /**
   * Counts answers.
   *
   * @param completed when the manager ends the stream
   */
  private record Counting<A>(Load load, Runnable completed) implements StreamObserver<A> {
    @Override
    public void onNext(A answer) {
      load.done.increment();
    }

    @Override
    public void onError(Throwable cause) {
      load.broke(cause);
    }

    @Override
    public void onCompleted() {
      completed.run();
    }
  }

  /** Messages of a hundred lines; done counts lines. */
  Load log() {
    Load load = new Load();
    for (Agent agent : agents) {
      AtomicLong last = new AtomicLong();
      new Pump<LogMessageRequest, LogMessageResponse>(
              agent.calls()::logMessage,
              () -> lines(agent, last.addAndGet(LINES_A_MESSAGE)),
              _ -> load.done.add(LINES_A_MESSAGE),
              load.stop,
              load.broken)
          .start(MESSAGES_IN_FLIGHT);
    }
    return load;
  }

  private static LogMessageRequest lines(Agent agent, long last) {
    return LogMessageRequest.newBuilder()
        .setJobJwt(agent.token())
        .setSequenceNumber(Math.toIntExact(last))
        .addAllLogMessages(LINES)
        .build();
  }

  /** Registers again and again; only before the first beat. */
  Load registerAgain() {
    Load load = new Load();
    agents.forEach(agent -> registerAgain(agent, load));
    return load;
  }

  private static void registerAgain(Agent agent, Load load) {
    Runnable next =
        () -> {
          if (!load.stop.get()) {
            registerAgain(agent, load);
          }
        };
    agent.calls().registerBuildJob(hello(agent.registration()), new Counting<>(load, next));
  }
}

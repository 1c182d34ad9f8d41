package dev.buildman.e2e;

import dev.buildman.proto.agent.HeartbeatRequest;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.proto.agent.Phase;
import dev.buildman.proto.agent.SetPhaseResponse;
import dev.buildman.testing.agent.SimulatedAgent;
import dev.buildman.testing.agent.StreamProbe;
import dev.buildman.testing.kubernetes.PodProgram;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Agents in the pods of a stand-in, as threads: each registers, beats, goes through its phases and
 * ends, and redials whatever breaks. They know of each other what no manager does, so they see when
 * two of a build are heeded at once.
 */
final class ChaosAgents implements PodProgram {
  private static final Duration BEAT = Duration.ofMillis(500);
  private static final List<Phase> PHASES =
      List.of(Phase.UNPACKING, Phase.PULLING, Phase.BUILDING, Phase.PUSHING);

  // The latest registration of each build that was answered.
  private final Map<String, Integer> latest = new ConcurrentHashMap<>();
  private final AtomicInteger registrations = new AtomicInteger();
  final AtomicInteger heeded = new AtomicInteger();
  final AtomicInteger heededThoughFenced = new AtomicInteger();

  @Override
  public Running start(Map<String, String> environment, Path own, Path output) throws IOException {
    Files.createFile(output);
    CompletableFuture<Integer> exit = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .name("chaos-agent")
            .start(
                () -> exit.complete(environment.containsKey("SERVER") ? run(environment) : idle()));
    return new Running() {
      @Override
      public CompletableFuture<Integer> onExit() {
        return exit;
      }

      @Override
      public void end(Duration grace) throws InterruptedException {
        thread.interrupt();
        thread.join();
      }

      @Override
      public void kill() {
        thread.interrupt();
      }
    };
  }

  private static int idle() {
    try {
      Thread.sleep(Duration.ofHours(1));
    } catch (InterruptedException e) {
      return 143;
    }
    return 0;
  }

  private int run(Map<String, String> environment) {
    ManagedChannel channel =
        Grpc.newChannelBuilder(environment.get("SERVER"), InsecureChannelCredentials.create())
            .build();
    try {
      String token = Files.readString(Path.of(environment.get("TOKEN_FILE")));
      return new OneAgent(channel, environment.get("BUILD_UUID")).build(token);
    } catch (InterruptedException e) {
      return 143;
    } catch (IOException e) {
      return 78;
    } finally {
      channel.shutdownNow();
    }
  }

  private final class OneAgent {
    private final SimulatedAgent agent;
    private final String build;
    private int number;

    OneAgent(ManagedChannel channel, String build) {
      this.agent = SimulatedAgent.ours(channel, "inline_dockerfile");
      this.build = build;
    }

    int build(String token) throws InterruptedException {
      if (!register(token)) {
        return 4;
      }
      int sequence = 0;
      for (Phase phase : PHASES) {
        if (!enter(++sequence, phase) || !work()) {
          return 3;
        }
      }
      return enter(++sequence, Phase.COMPLETE) ? 0 : 3;
    }

    private boolean register(String token) throws InterruptedException {
      for (int tries = 0; tries < 60; tries++) {
        try {
          agent.register(token);
          number = registrations.incrementAndGet();
          latest.merge(build, number, Math::max);
          return true;
        } catch (StatusRuntimeException e) {
          if (!isAway(e)) {
            return false;
          }
          Thread.sleep(300);
        }
      }
      return false;
    }

    private boolean enter(int sequence, Phase phase) throws InterruptedException {
      for (int tries = 0; tries < 200; tries++) {
        boolean fenced = latest.get(build) > number;
        try {
          SetPhaseResponse answer = agent.set(agent.phase(sequence, phase).build());
          note(answer.getSuccess(), fenced);
          return answer.getSuccess();
        } catch (StatusRuntimeException e) {
          if (!isAway(e)) {
            return false;
          }
          Thread.sleep(300);
        }
      }
      return false;
    }

    private boolean work() throws InterruptedException {
      long until =
          System.nanoTime()
              + Duration.ofMillis(ThreadLocalRandom.current().nextInt(2_000)).toNanos();
      do {
        if (!beat()) {
          return false;
        }
        Thread.sleep(BEAT);
      } while (System.nanoTime() < until);
      return true;
    }

    private boolean beat() {
      boolean fenced = latest.get(build) > number;
      try {
        StreamProbe<HeartbeatRequest, HeartbeatResponse> stream = agent.heartbeats();
        boolean reply = stream.ask(agent.beat()).getReply();
        stream.complete();
        note(reply, fenced);
        return reply;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return true;
      } catch (AssertionError | StatusRuntimeException e) {
        // The next one comes by another way.
        return true;
      }
    }

    private void note(boolean heededNow, boolean fenced) {
      if (heededNow) {
        heeded.incrementAndGet();
        if (fenced) {
          heededThoughFenced.incrementAndGet();
        }
      }
    }

    private boolean isAway(StatusRuntimeException e) {
      return switch (e.getStatus().getCode()) {
        case UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL, UNKNOWN, CANCELLED, RESOURCE_EXHAUSTED ->
            true;
        default -> false;
      };
    }
  }
}

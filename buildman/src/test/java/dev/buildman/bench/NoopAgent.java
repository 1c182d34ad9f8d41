package dev.buildman.bench;

import dev.buildman.proto.agent.BuildManagerGrpc;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.HeartbeatRequest;
import dev.buildman.proto.agent.LogMessageRequest;
import dev.buildman.proto.agent.LogMessageResponse;
import dev.buildman.proto.agent.Phase;
import dev.buildman.proto.agent.SetPhaseRequest;
import dev.buildman.proto.agent.SetPhaseResponse;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * An agent that builds nothing: registers, beats once, goes through all phases, sends ten lines
 * while it builds, completes. Runs on the channel's threads.
 */
final class NoopAgent {
  private static final List<Phase> PHASES =
      List.of(Phase.UNPACKING, Phase.PULLING, Phase.BUILDING, Phase.PUSHING, Phase.COMPLETE);
  private static final List<String> LINES =
      Collections.nCopies(10, "{\"stream\":\"#7 12.31 a line of some fifty characters\\n\"}");

  private final BuildManagerGrpc.BuildManagerStub calls;
  private final Outcome outcome;
  private String jobToken = "";
  private int phase;

  /** Told once how it ended. */
  interface Outcome {
    void completed();

    void failed(Throwable why);
  }

  NoopAgent(Channel channel, Outcome outcome) {
    this.calls = BuildManagerGrpc.newStub(channel);
    this.outcome = outcome;
  }

  void start(String registrationToken) {
    calls.registerBuildJob(
        Fleet.hello(registrationToken), new Answers<>(this::registered, outcome));
  }

  private void registered(BuildPack pack) {
    jobToken = pack.getJobJwt();
    StreamObserver<HeartbeatRequest> beats = calls.heartbeat(new Answers<>(_ -> {}, outcome));
    beats.onNext(HeartbeatRequest.newBuilder().setJobJwt(jobToken).build());
    beats.onCompleted();
    nextPhase();
  }

  private void nextPhase() {
    Phase next = PHASES.get(phase);
    phase++;
    calls.setPhase(
        SetPhaseRequest.newBuilder()
            .setJobJwt(jobToken)
            .setSequenceNumber(phase)
            .setPhase(next)
            .build(),
        new Answers<>(answer -> answered(next, answer), outcome));
  }

  private void answered(Phase set, SetPhaseResponse answer) {
    if (!answer.getSuccess()) {
      outcome.failed(new IllegalStateException(set + " was refused: " + answer.getRefusal()));
    } else if (set == Phase.COMPLETE) {
      outcome.completed();
    } else if (set == Phase.BUILDING) {
      log();
    } else {
      nextPhase();
    }
  }

  private void log() {
    Consumer<LogMessageResponse> stored = _ -> nextPhase();
    StreamObserver<LogMessageRequest> lines = calls.logMessage(new Answers<>(stored, outcome));
    lines.onNext(
        LogMessageRequest.newBuilder()
            .setJobJwt(jobToken)
            .setSequenceNumber(LINES.size())
            .addAllLogMessages(LINES)
            .build());
    lines.onCompleted();
  }

  private record Answers<A>(Consumer<A> next, Outcome outcome) implements StreamObserver<A> {
    @Override
    public void onNext(A answer) {
      next.accept(answer);
    }

    @Override
    public void onError(Throwable cause) {
      outcome.failed(cause);
    }

    @Override
    public void onCompleted() {
      // The answer came before.
    }
  }
}

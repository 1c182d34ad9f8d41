package dev.buildman.testing.agent;

import dev.buildman.proto.agent.BuildJobArgs;
import dev.buildman.proto.agent.BuildManagerGrpc;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.HeartbeatRequest;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.proto.agent.LogMessageRequest;
import dev.buildman.proto.agent.LogMessageResponse;
import dev.buildman.proto.agent.Phase;
import dev.buildman.proto.agent.SetPhaseRequest;
import dev.buildman.proto.agent.SetPhaseResponse;
import io.grpc.ManagedChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An agent that says what a test tells it to. Not for use by more than one thread at a time. */
public final class SimulatedAgent {
  private static final int DEADLINE_SECONDS = 10;

  private final ManagedChannel channel;
  private final String version;
  private final List<String> capabilities;
  private String jobToken = "";
  private int sequence;
  private int line;

  private SimulatedAgent(ManagedChannel channel, String version, List<String> capabilities) {
    this.channel = channel;
    this.version = version;
    this.capabilities = List.copyOf(capabilities);
  }

  /** An agent of ours. */
  public static SimulatedAgent ours(ManagedChannel channel, String... capabilities) {
    return new SimulatedAgent(channel, "1.0", List.of(capabilities));
  }

  /** An agent that says no more than Quay's. */
  public static SimulatedAgent quays(ManagedChannel channel) {
    return new SimulatedAgent(channel, "", List.of());
  }

  /** With a token that it got elsewhere. */
  public SimulatedAgent withJobToken(String token) {
    jobToken = token;
    return this;
  }

  public String jobToken() {
    return jobToken;
  }

  /** Registers, and keeps the job token. */
  public BuildPack register(String registrationToken) {
    BuildPack pack =
        calls()
            .registerBuildJob(
                BuildJobArgs.newBuilder()
                    .setRegisterJwt(registrationToken)
                    .setAgentVersion(version)
                    .addAllCapabilities(capabilities)
                    .build());
    jobToken = pack.getJobJwt();
    return pack;
  }

  public StreamProbe<HeartbeatRequest, HeartbeatResponse> heartbeats() {
    return new StreamProbe<>(BuildManagerGrpc.newStub(channel)::heartbeat);
  }

  public HeartbeatRequest beat() {
    return HeartbeatRequest.newBuilder().setJobJwt(jobToken).build();
  }

  public StreamProbe<LogMessageRequest, LogMessageResponse> logs() {
    return new StreamProbe<>(BuildManagerGrpc.newStub(channel)::logMessage);
  }

  /** The next lines as one message. */
  public LogMessageRequest lines(String... texts) {
    line += texts.length;
    return lines(line, texts);
  }

  /** Lines with a number of the test's. */
  public LogMessageRequest lines(int last, String... texts) {
    LogMessageRequest.Builder request =
        LogMessageRequest.newBuilder().setJobJwt(jobToken).setSequenceNumber(last);
    return texts.length == 1
        ? request.setLogMessage(texts[0]).build()
        : request.addAllLogMessages(List.of(texts)).build();
  }

  /** Enters the phase under the next sequence number. */
  public SetPhaseResponse enter(Phase phase) {
    return set(phase(++sequence, phase).build());
  }

  /** Enters all of these; the test goes on from the last. */
  public void enter(Phase... phases) {
    for (Phase phase : phases) {
      if (!enter(phase).getSuccess()) {
        throw new AssertionError(phase + " was refused");
      }
    }
  }

  public SetPhaseRequest.Builder phase(int number, Phase phase) {
    return SetPhaseRequest.newBuilder()
        .setJobJwt(jobToken)
        .setSequenceNumber(number)
        .setPhase(phase)
        .setPullMetadata(SetPhaseRequest.PullMetadata.getDefaultInstance());
  }

  public SetPhaseResponse set(SetPhaseRequest request) {
    return calls().setPhase(request);
  }

  public BuildManagerGrpc.BuildManagerBlockingStub calls() {
    return BuildManagerGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }
}

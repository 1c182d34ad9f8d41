package dev.buildman.testing.quay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.buildman.proto.agent.BuildJobArgs;
import dev.buildman.proto.agent.BuildManagerGrpc;
import dev.buildman.proto.agent.CachedTagRequest;
import dev.buildman.proto.agent.HeartbeatRequest;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.proto.agent.LogMessageRequest;
import dev.buildman.proto.agent.LogMessageResponse;
import dev.buildman.proto.agent.PingRequest;
import dev.buildman.proto.agent.SetPhaseRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Says to a manager what the real worker once said, word for word and in that order, whatever is
 * answered; only the tokens are this manager's. For one thread.
 */
public final class Replay {
  private final ManagedChannel channel;
  private final String registration;
  private String job = "";
  private @Nullable QuayStream<HeartbeatRequest, HeartbeatResponse> beats;
  private @Nullable QuayStream<LogMessageRequest, LogMessageResponse> logs;

  private Replay(ManagedChannel channel, String registration) {
    this.channel = channel;
    this.registration = registration;
  }

  /**
   * Replays one recording over a connection, which is cut at its end as the worker's was.
   *
   * @return the worker's exit status; negative: the signal
   */
  public static int run(Recording recording, ManagedChannel channel, String registration)
      throws InterruptedException {
    Replay replay = new Replay(channel, registration);
    try {
      for (JsonNode line : recording.lines()) {
        if (line.path("dir").asText().equals("worker>manager") && line.has("msg")) {
          replay.say(line.path("rpc").asText(), line.path("msg").deepCopy());
        }
      }
      return recording.exit();
    } finally {
      channel.shutdownNow();
    }
  }

  private void say(String rpc, ObjectNode message) throws InterruptedException {
    if (message.has("register_jwt")) {
      message.put("register_jwt", registration);
    }
    if (message.has("job_jwt")) {
      message.put("job_jwt", job);
    }
    try {
      switch (rpc) {
        case "Ping" -> calls().ping(PingRequest.getDefaultInstance());
        case "RegisterBuildJob" ->
            job =
                calls()
                    .registerBuildJob(fill(message, BuildJobArgs.newBuilder()).build())
                    .getJobJwt();
        case "SetPhase" -> calls().setPhase(fill(message, SetPhaseRequest.newBuilder()).build());
        case "DetermineCachedTag" ->
            calls().determineCachedTag(fill(message, CachedTagRequest.newBuilder()).build());
        case "Heartbeat" -> beats().ask(fill(message, HeartbeatRequest.newBuilder()).build());
        case "LogMessage" -> logs().ask(fill(message, LogMessageRequest.newBuilder()).build());
        default -> throw new IllegalArgumentException(rpc);
      }
    } catch (StatusRuntimeException e) {
      // Replayed, not reacting: the worker that was recorded had another answer.
      return;
    }
  }

  private QuayStream<HeartbeatRequest, HeartbeatResponse> beats() {
    if (beats == null) {
      beats = QuayStream.open(stream -> BuildManagerGrpc.newStub(channel).heartbeat(stream));
    }
    return beats;
  }

  private QuayStream<LogMessageRequest, LogMessageResponse> logs() {
    if (logs == null) {
      logs = QuayStream.open(stream -> BuildManagerGrpc.newStub(channel).logMessage(stream));
    }
    return logs;
  }

  private BuildManagerGrpc.BuildManagerBlockingStub calls() {
    return BuildManagerGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  private static <B extends Message.Builder> B fill(ObjectNode json, B builder) {
    try {
      JsonFormat.parser().ignoringUnknownFields().merge(json.toString(), builder);
      return builder;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(json.toString(), e);
    }
  }
}

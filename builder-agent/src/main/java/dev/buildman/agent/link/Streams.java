package dev.buildman.agent.link;

import dev.buildman.proto.agent.BuildManagerGrpc;
import dev.buildman.proto.agent.BuildManagerGrpc.BuildManagerStub;
import dev.buildman.proto.agent.HeartbeatRequest;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.proto.agent.LogMessageRequest;
import dev.buildman.proto.agent.LogMessageResponse;
import io.grpc.ManagedChannel;

/** Opens the long-lived streams. */
final class Streams {
  private final ManagedChannel channel;
  private final BuildManagerStub stub;

  Streams(ManagedChannel channel) {
    this.channel = channel;
    this.stub = BuildManagerGrpc.newStub(channel);
  }

  Exchange<HeartbeatRequest, HeartbeatResponse> heartbeat() {
    return Exchange.open(stub::heartbeat);
  }

  Exchange<LogMessageRequest, LogMessageResponse> logMessage() {
    return Exchange.open(stub::logMessage);
  }

  /**
   * Dials anew for the next call, also while the present connection stands: a manager that has lost
   * its Redis stays reachable, and a load balancer knows a better one. Calls under way go on.
   */
  void redial() {
    channel.enterIdle();
    channel.resetConnectBackoff();
  }

  /** Dials at once when the connection is gone. */
  void reconnect() {
    channel.resetConnectBackoff();
  }
}

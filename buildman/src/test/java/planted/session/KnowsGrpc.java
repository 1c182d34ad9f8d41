package planted.session;

final class KnowsGrpc {
  io.grpc.Status planted;
}

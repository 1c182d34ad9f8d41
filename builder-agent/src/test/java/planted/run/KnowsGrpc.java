package planted.run;

final class KnowsGrpc {
  io.grpc.Status planted;
}

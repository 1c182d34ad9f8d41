package dev.buildman.edge.client;

import dev.buildman.model.Secret;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.List;
import java.util.function.Supplier;

/**
 * Lets a call through only with one of the API tokens, where there are any. Takes the same time for
 * every wrong one.
 */
final class BearerToken implements ServerInterceptor {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String SCHEME = "Bearer ";

  private final Supplier<List<Secret>> tokens;

  BearerToken(Supplier<List<Secret>> tokens) {
    this.tokens = tokens;
  }

  @Override
  public <Q, S> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, S> call, Metadata headers, ServerCallHandler<Q, S> next) {
    List<Secret> accepted = tokens.get();
    String header = headers.get(AUTHORIZATION);
    if (accepted.isEmpty() || isAccepted(header == null ? "" : header, accepted)) {
      return next.startCall(call, headers);
    }
    String text =
        header == null
            ? "this manager wants an API token: authorization: Bearer <token>"
            : "the API token is wrong";
    call.close(Status.UNAUTHENTICATED.withDescription(text), new Metadata());
    return new ServerCall.Listener<>() {};
  }

  private static boolean isAccepted(String header, List<Secret> accepted) {
    boolean bearer = header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    Secret shown = bearer ? Secret.of(header.substring(SCHEME.length()).strip()) : Secret.NONE;
    boolean found = false;
    for (Secret token : accepted) {
      // Every token is compared, and in constant time each.
      found |= token.equals(shown);
    }
    return found && !shown.isEmpty();
  }
}

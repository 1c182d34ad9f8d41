package dev.buildman.edge.agent;

import dev.buildman.runtime.Threads;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.util.AdvancedTlsX509KeyManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A certificate and its key from files that are read again when they change. */
final class RenewedCertificate implements AutoCloseable {
  private static final int LOOK_EVERY_SECONDS = 60;

  private final AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
  private final ScheduledExecutorService looker =
      Executors.newSingleThreadScheduledExecutor(Threads.factory("agent-tls"));

  /**
   * @throws UncheckedIOException naming the files when they are no certificate and key
   */
  RenewedCertificate(AgentListenerSettings.Tls files) {
    try {
      keys.updateIdentityCredentials(
          files.certificates().toFile(),
          files.key().toFile(),
          LOOK_EVERY_SECONDS,
          TimeUnit.SECONDS,
          looker);
    } catch (IOException | GeneralSecurityException e) {
      looker.shutdownNow();
      throw new UncheckedIOException(
          "AGENTS_TLS: CERT "
              + files.certificates()
              + " and KEY "
              + files.key()
              + " are no PEM certificate and key: "
              + e.getMessage(),
          e instanceof IOException io ? io : new IOException(e));
    }
  }

  ServerCredentials credentials() {
    return TlsServerCredentials.newBuilder().keyManager(keys).build();
  }

  @Override
  public void close() {
    looker.shutdownNow();
  }
}

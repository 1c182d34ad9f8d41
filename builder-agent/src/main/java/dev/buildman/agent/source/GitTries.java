package dev.buildman.agent.source;

import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.proto.agent.FailureCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What git does over the network, repeated a few times with growing pauses while the network may be
 * better in a moment, and told apart from what the worker's disk did.
 */
final class GitTries {
  private static final int TRIES = 4;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  /** Of git, curl and ssh. No word that also stands in a refusal for good. */
  private static final List<String> TRANSIENT =
      List.of(
          "Could not resolve host",
          "Temporary failure in name resolution",
          "Connection timed out",
          "Connection refused",
          "Connection reset",
          "Connection was reset",
          "Connection closed by",
          "Failed to connect",
          "Couldn't connect to server",
          "Network is unreachable",
          "No route to host",
          "Operation timed out",
          "Empty reply from server",
          "early EOF",
          "unexpected disconnect",
          "transfer closed with",
          "Recv failure",
          "Send failure",
          "SSL_ERROR_SYSCALL",
          "GnuTLS recv error",
          "gnutls_handshake() failed: The TLS connection was non-properly terminated",
          "The requested URL returned error: 5",
          "The requested URL returned error: 429",
          "kex_exchange_identification");

  private final Git git;
  private final Sleeper sleeper;
  private final SourceLog log;

  GitTries(Git git, Sleeper sleeper, SourceLog log) {
    this.git = git;
    this.sleeper = sleeper;
    this.log = log;
  }

  /**
   * How the last try ended.
   *
   * @throws SourceFailure INTERNAL_ERROR when the worker's disk is what failed, and as {@link
   *     Git#run}
   */
  Git.Result run(Path directory, String... arguments) throws SourceFailure, InterruptedException {
    Duration pause = FIRST_PAUSE;
    for (int attempt = 1; ; attempt++) {
      Git.Result result = git.run(directory, arguments);
      if (!result.ok() && DiskWords.areOf(result.errors())) {
        throw new SourceFailure(
            FailureCode.INTERNAL_ERROR,
            "the repository cannot be kept on the worker: " + result.words());
      }
      if (result.ok() || attempt == TRIES || TRANSIENT.stream().noneMatch(result::says)) {
        return result;
      }
      log.line("The network failed git; it is tried again in %d s".formatted(pause.toSeconds()));
      sleeper.sleep(pause);
      pause = pause.multipliedBy(2);
    }
  }
}

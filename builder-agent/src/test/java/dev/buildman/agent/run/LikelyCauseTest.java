package dev.buildman.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LikelyCauseTest {
  @ParameterizedTest
  @CsvSource({
    "1, cp: error writing 'x': No space left on device, DISK_FULL",
    "1, write /var/tmp/a: disk quota exceeded, DISK_FULL",
    "137, Killed, OUT_OF_MEMORY",
    "1, FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory,"
        + " OUT_OF_MEMORY",
    "1, fork: Cannot allocate memory, OUT_OF_MEMORY",
    "100, Temporary failure resolving 'deb.debian.org', NETWORK",
    "6, curl: (6) Could not resolve host: example.com, NETWORK",
    "7, connect to 10.0.0.1 port 80: Connection refused, NETWORK",
    "1, dial tcp: lookup registry.example on 10.0.0.2:53: no such host, NETWORK",
    "0, reading manifest v9 in quay.io/a/b: manifest unknown, BASE_MISSING",
    "0, 'unauthorized: access to the requested resource is not authorized', DENIED",
    "0, 'denied: requested access to the resource is denied', DENIED",
    "1, mkdir: cannot create directory '/data': Permission denied, NOT_PERMITTED",
    "127, /bin/sh: 1: gcc: not found, NOT_FOUND",
  })
  void whatProgramsSayIsUnderstood(int exitCode, String said, LikelyCause cause) {
    assertThat(LikelyCause.of(exitCode, List.of("building", said, "the command failed")))
        .contains(cause);
  }

  @Test
  void aKillWithoutAWordIsTheKernels() {
    assertThat(LikelyCause.of(137, List.of("compiling"))).contains(LikelyCause.OUT_OF_MEMORY);
  }

  @Test
  void anOrdinaryFailureIsNotExplained() {
    assertThat(LikelyCause.of(2, List.of("test_login FAILED", "file not found"))).isEmpty();
  }
}

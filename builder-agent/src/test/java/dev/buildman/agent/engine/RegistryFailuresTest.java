package dev.buildman.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.registry.RegistryException.Kind;
import dev.buildman.proto.agent.FailureCode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RegistryFailuresTest {

  @ParameterizedTest
  @CsvSource({
    "DENIED, PUSH_DENIED",
    "QUOTA, PUSH_QUOTA",
    "TAG_IMMUTABLE, TAG_IMMUTABLE",
    "INVALID, PUSH_REJECTED",
    "TOO_LARGE, PUSH_REJECTED",
    "UNSUPPORTED, PUSH_REJECTED",
    "NOT_FOUND, PUSH_REJECTED",
    "LOCAL, BUILD_RUN_ERROR",
    "TLS, PUSH_ISSUE",
    "PROTOCOL, PUSH_ISSUE",
    "DIGEST_MISMATCH, PUSH_ISSUE",
    "INCOMPLETE, PUSH_ISSUE",
  })
  void aRefusedPushHasACode(Kind kind, FailureCode code) {
    assertThat(RegistryFailures.pushCode(kind)).isEqualTo(code);
  }

  @ParameterizedTest
  @CsvSource({
    "DENIED, CANNOT_PULL_BASE_IMAGE",
    "NOT_FOUND, CANNOT_PULL_BASE_IMAGE",
    "UNSUPPORTED, CANNOT_PULL_BASE_IMAGE",
    "TLS, CANNOT_PULL_BASE_IMAGE",
    "LOCAL, BUILD_RUN_ERROR",
    "DIGEST_MISMATCH, BUILD_RUN_ERROR",
  })
  void aRefusedPullHasACode(Kind kind, FailureCode code) {
    assertThat(RegistryFailures.pullCode(kind)).isEqualTo(code);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whatMayGoBetterNextTimeIsNeverTheUsersFault(Kind kind) {
    if (kind.isTransient()) {
      assertThat(RegistryFailures.pushCode(kind)).isEqualTo(FailureCode.PUSH_ISSUE);
      assertThat(RegistryFailures.pullCode(kind)).isEqualTo(FailureCode.BUILD_RUN_ERROR);
    }
  }
}

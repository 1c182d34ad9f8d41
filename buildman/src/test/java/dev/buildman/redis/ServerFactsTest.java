package dev.buildman.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ServerFactsTest {
  private static ServerFacts facts(String version, boolean appendOnly, String policy) {
    return new ServerFacts(version, "id", false, appendOnly, policy);
  }

  @Test
  void theAnswerOfInfoIsRead() {
    String info =
        "# Server\r\nredis_version:7.0.15\r\nuptime_in_seconds:77\r\n# Persistence\r\n"
            + "aof_enabled:1\r\nmaster_replid:abc\r\nmaxmemory_policy:noeviction\r\n";
    assertThat(ServerFacts.of(info))
        .isEqualTo(new ServerFacts("7.0.15", "abc", false, true, "noeviction"));
  }

  /** A restart with an append-only file has lost nothing; a promoted replica may have. */
  @Test
  void aPromotedReplicaIsToldFromARestartedServer() {
    String id = "0123456789012345678901234567890123456789";
    String restarted = "aof_enabled:1\r\nmaster_replid2:" + "0".repeat(40) + "\r\n";
    assertThat(ServerFacts.of(restarted).restartedWithAppendOnlyFile()).isTrue();
    String promoted = "aof_enabled:1\r\nmaster_replid2:" + id + "\r\n";
    assertThat(ServerFacts.of(promoted).restartedWithAppendOnlyFile()).isFalse();
    assertThat(ServerFacts.of("aof_enabled:0\r\n").restartedWithAppendOnlyFile()).isFalse();
  }

  @Test
  void aGoodServerHasNoFindings() {
    assertThat(StartupChecks.of(facts("6.2.0", true, "noeviction"))).isEmpty();
    assertThat(StartupChecks.of(facts("8.0.1", true, "noeviction"))).isEmpty();
  }

  @Test
  void anOldServerIsRefused() {
    for (String version : List.of("6.0.9", "5.0.14", "")) {
      assertThat(StartupChecks.of(facts(version, true, "noeviction")))
          .singleElement()
          .matches(StartupChecks.Finding::fatal);
    }
  }

  /** R10: what is evicted makes no event, and is gone. */
  @Test
  void aServerThatThrowsKeysAwayIsRefusedOrWarnedOf() {
    assertThat(StartupChecks.of(facts("7.0.0", true, "allkeys-lru")))
        .singleElement()
        .matches(StartupChecks.Finding::fatal);
    assertThat(StartupChecks.of(facts("7.0.0", true, "volatile-ttl")))
        .singleElement()
        .matches(finding -> !finding.fatal());
  }

  @Test
  void aServerWithoutAnAppendOnlyFileIsWarnedOf() {
    assertThat(StartupChecks.of(facts("7.0.0", false, "noeviction")))
        .singleElement()
        .matches(finding -> !finding.fatal() && finding.sentence().contains("appendonly"));
  }

  @Test
  void keyspaceFlagsAreAddedAndNeverRemoved() {
    assertThat(KeyspaceEvents.merged("")).isEqualTo("Kx");
    assertThat(KeyspaceEvents.merged("Kx")).isEqualTo("Kx");
    assertThat(KeyspaceEvents.merged("AE")).isEqualTo("AEK");
    assertThat(KeyspaceEvents.merged("KEl")).isEqualTo("KElx");
  }

  @Test
  void aPatternMeansItsPrefixLiterally() {
    assertThat(KeyspaceEvents.pattern(3, "{a*[b]}x/", "/expiring"))
        .isEqualTo("__keyspace@3__:{a\\*\\[b\\]}x/*/expiring");
  }
}

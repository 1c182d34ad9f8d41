package dev.buildman.agent.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CredentialStoreTest {
  private static final Credentials HUB = new Credentials("hub", "p1");
  private static final Credentials QUAY = new Credentials("quay", "p2");
  private static final Credentials TEAM = new Credentials("team", "p3");

  private final CredentialStore store =
      CredentialStore.of(
          Map.of(
              "https://index.docker.io/v1/", HUB, "Quay.io", QUAY, "https://quay.io/team/", TEAM));

  @Test
  void theLongestScopeWins() {
    assertThat(store.find(new Repository("quay.io", "team/app"))).contains(TEAM);
    assertThat(store.find(new Repository("quay.io", "other/app"))).contains(QUAY);
    assertThat(store.find(new Repository("docker.io", "library/busybox"))).contains(HUB);
  }

  /** Quay's worker sends them to whatever name begins with the registry's. */
  @Test
  void aRegistryWhoseNameOnlyBeginsLikeAKnownOneGetsNothing() {
    assertThat(store.find(new Repository("quay.io.evil.example", "team/app"))).isEmpty();
    assertThat(store.find(new Repository("quay.io:8443", "team/app"))).isEmpty();
    assertThat(store.find(new Repository("quay.io", "teamster/app"))).contains(QUAY);
  }

  @Test
  void neitherPrintsAPassword() {
    assertThat(store + " " + HUB).doesNotContain("p1").doesNotContain("p2");
  }
}

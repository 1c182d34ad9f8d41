package dev.buildman.tags;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.Credentials;
import dev.buildman.model.Secret;
import dev.buildman.runtime.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RegistryTagsIT {
  private static final Credentials ALICE = new Credentials("alice", Secret.of("canary-password"));

  private TestRegistry registry;
  private RegistryTags tags;

  @BeforeEach
  void start() throws IOException {
    registry = new TestRegistry().with("ns/app:v1").with("ns/app:v2");
    tags = lookingAt(registry.address());
  }

  @AfterEach
  void stop() {
    tags.close();
    registry.close();
  }

  private static RegistryTags lookingAt(String address) {
    return new RegistryTags(new LookupSettings(Set.of(address), Set.of(address)), Ticker.system());
  }

  private TagLookup ask(Credentials credentials, String... names) {
    return tags.first(new TagQuestion(registry.address(), "ns/app", List.of(names), credentials));
  }

  @Test
  void theFirstTagThatIsThereIsFound() {
    assertThat(ask(Credentials.NONE, "v0", "v2", "v1")).isEqualTo(new TagLookup.Found("v2"));
    assertThat(ask(Credentials.NONE, "v0", "v9")).isEqualTo(new TagLookup.None());
    assertThat(registry.heard()).allMatch(said -> said.startsWith("HEAD /v2/ns/app/manifests/v"));
  }

  @Test
  void theBuildsCredentialsAreShownOnlyWhenTheyAreAskedFor() {
    registry.mood(TestRegistry.Mood.BASIC);
    assertThat(ask(ALICE, "v1")).isEqualTo(new TagLookup.Found("v1"));
    assertThat(registry.heard())
        .containsExactly(
            "HEAD /v2/ns/app/manifests/v1", "HEAD /v2/ns/app/manifests/v1 alice:canary-password");
  }

  @Test
  void aTokenIsFetchedOnceForAllTags() {
    registry.mood(TestRegistry.Mood.TOKEN);
    assertThat(ask(ALICE, "v0", "v1")).isEqualTo(new TagLookup.Found("v1"));
    assertThat(registry.heard())
        .filteredOn(said -> said.startsWith("GET"))
        .containsExactly(
            "GET /token?service=it&scope=repository%3Ans%2Fapp%3Apull alice:canary-password");
  }

  @Test
  void whatMayNotBeReadIsNotThere() {
    registry.mood(TestRegistry.Mood.BASIC);
    assertThat(ask(Credentials.NONE, "v1")).isEqualTo(new TagLookup.None());
  }

  @Test
  void aHostThatTheConfigurationDoesNotNameIsNeverAsked() {
    TagQuestion elsewhere = new TagQuestion("169.254.169.254", "ns/app", List.of("v1"), ALICE);
    assertThat(tags.first(elsewhere)).isInstanceOf(TagLookup.Unknown.class);
  }

  @Test
  void aRegistryThatFailsIsLeftAloneAfterAWhile() {
    registry.mood(TestRegistry.Mood.FAILING);
    for (int i = 0; i < 10; i++) {
      assertThat(ask(ALICE, "v1")).isInstanceOf(TagLookup.Unknown.class);
    }
    assertThat(registry.heard()).hasSize(3);
  }

  @Test
  void oneThatIsDownOrHangsIsNotWaitedForLong() throws IOException {
    String nobody;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = "127.0.0.1:" + free.getLocalPort();
    }
    try (RegistryTags down = lookingAt(nobody)) {
      TagQuestion question = new TagQuestion(nobody, "ns/app", List.of("v1"), ALICE);
      assertThat(down.first(question)).isInstanceOf(TagLookup.Unknown.class);
    }
    registry.hang();
    long began = System.nanoTime();
    assertThat(ask(ALICE, "v1", "v2")).isInstanceOf(TagLookup.Unknown.class);
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isLessThan(RegistryTags.LIMIT.plusSeconds(2));
  }
}

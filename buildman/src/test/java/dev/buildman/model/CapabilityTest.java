package dev.buildman.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CapabilityTest {
  private static final Credentials TOKEN = new Credentials("$token", Secret.of("t"));
  private static final Source ARCHIVE = new Source.PackageUrl(Secret.of("https://h/p.tar.gz"));

  @Test
  void whatQuaysWorkerCanDoNeedsNothing() {
    assertThat(Capability.neededBy(spec(ARCHIVE, TOKEN, Map.of("registry.example", TOKEN))))
        .isEmpty();
    assertThat(
            Capability.neededBy(spec(new Source.Uploaded("sha256:0"), Credentials.NONE, Map.of())))
        .isEmpty();
    assertThat(
            Capability.neededBy(
                spec(
                    new Source.Git("git@h:a/b.git", "main", Secret.of("key"), Secret.NONE),
                    TOKEN,
                    Map.of())))
        .isEmpty();
  }

  @Test
  void everyFieldThatIsOursIsNeededWhenItIsSet() {
    BuildSpec spec =
        new BuildSpec(
            RepositoryName.parse("a/b"),
            "registry.example",
            List.of("latest"),
            ARCHIVE,
            "",
            "",
            Map.of("A", "1"),
            Map.of("l", "1"),
            "stage",
            true,
            new Credentials("robot", Secret.of("p")),
            Map.of("other.example", TOKEN),
            EngineNeeds.NONE);

    assertThat(Capability.neededBy(spec))
        .containsExactlyInAnyOrder(
            Capability.BUILD_ARGS,
            Capability.LABELS,
            Capability.TARGET,
            Capability.NO_CACHE,
            Capability.REGISTRY_AUTH,
            Capability.PUSH_USERNAME);
  }

  @Test
  void eachThingAskedOfTheEngineIsNeededByItself() {
    Map<String, Secret> one = Map.of("id", Secret.of("s"));
    var none = EngineNeeds.NONE;
    assertThat(needs(none)).isEmpty();
    assertThat(
            needs(
                new EngineNeeds(
                    List.of("linux/arm64"),
                    Map.of(),
                    Map.of(),
                    new EngineNeeds.Cache(List.of("a/b"), List.of()),
                    none.limits())))
        .containsExactlyInAnyOrder(Capability.PLATFORMS, Capability.CACHE_REFS);
    assertThat(
            needs(
                new EngineNeeds(
                    List.of(),
                    one,
                    Map.of(),
                    new EngineNeeds.Cache(List.of(), List.of("a/b")),
                    none.limits())))
        .containsExactlyInAnyOrder(Capability.SECRETS, Capability.CACHE_TO);
    assertThat(
            needs(
                new EngineNeeds(
                    List.of(), Map.of(), one, none.cache(), new EngineNeeds.RunLimits(0, 1))))
        .containsExactlyInAnyOrder(Capability.SSH_KEYS, Capability.RUN_LIMITS);
  }

  private static Set<Capability> needs(EngineNeeds needs) {
    return Capability.neededBy(spec(ARCHIVE, TOKEN, Map.of(), needs));
  }

  @Test
  void someSourcesAreOursAlone() {
    assertThat(needs(new Source.Inline("FROM scratch")))
        .containsExactly(Capability.INLINE_DOCKERFILE);
    assertThat(needs(new Source.PackageUrl(Secret.of("DATA:application/x-tar;base64,AA"))))
        .containsExactly(Capability.DATA_URL);
    assertThat(needs(new Source.PackageUrl(Secret.of("https://h/a"), "sha256:0")))
        .containsExactly(Capability.PACKAGE_DIGEST);
    assertThat(
            needs(
                new Source.Git(
                    "git@h:a", "", Secret.NONE, Secret.NONE, new Source.GitTrust("h k v", false))))
        .containsExactlyInAnyOrder(Capability.GIT_KNOWN_HOSTS, Capability.GIT_SUBMODULES);
    assertThat(needs(new Source.Image("a/b"))).containsExactly(Capability.SOURCE_IMAGE);
    assertThat(needs(new Source.Git("https://h/a.git", "", Secret.NONE, Secret.of("t"))))
        .containsExactly(Capability.GIT_TOKEN);
  }

  private static Set<Capability> needs(Source source) {
    return Capability.neededBy(spec(source, TOKEN, Map.of()));
  }

  private static BuildSpec spec(Source source, Credentials push, Map<String, Credentials> pull) {
    return spec(source, push, pull, EngineNeeds.NONE);
  }

  private static BuildSpec spec(
      Source source, Credentials push, Map<String, Credentials> pull, EngineNeeds needs) {
    return new BuildSpec(
        RepositoryName.parse("a/b"),
        "registry.example",
        List.of("latest"),
        source,
        "",
        "",
        Map.of(),
        Map.of(),
        "",
        false,
        push,
        pull,
        needs);
  }
}

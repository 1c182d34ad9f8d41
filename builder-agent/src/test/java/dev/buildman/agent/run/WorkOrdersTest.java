package dev.buildman.agent.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.source.SourceLocation;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.BuildPack.GitPackage;
import org.junit.jupiter.api.Test;

class WorkOrdersTest {
  private static BuildPack.Builder pack() {
    return BuildPack.newBuilder()
        .setRegistry("registry.example")
        .setRepository("a/b")
        .addTagNames("latest");
  }

  private static SourceLocation.Git git(BuildPack.Builder pack, GitPackage git)
      throws BuildFailure {
    BuildPack read = pack.setGitPackage(git).build();
    return (SourceLocation.Git)
        WorkOrders.read(read, RegistrySettings.defaults()).source().location();
  }

  /** Quay's manager cannot ask for them, and its worker always fetches them. */
  @Test
  void submodulesAreFetchedForQuaysManagerAndForOursAsItSays() throws BuildFailure {
    GitPackage plain = GitPackage.newBuilder().setUrl("https://h/a").build();
    GitPackage with = plain.toBuilder().setSubmodules(true).build();

    assertThat(git(pack(), plain).submodules()).isTrue();
    assertThat(git(pack().setBuildId("b-1"), plain).submodules()).isFalse();
    assertThat(git(pack().setBuildId("b-1"), with).submodules()).isTrue();
  }

  @Test
  void hostKeysReachTheSource() throws BuildFailure {
    GitPackage git = GitPackage.newBuilder().setUrl("git@h:a").setKnownHosts("h k v").build();

    assertThat(git(pack(), git).login().knownHosts()).isEqualTo("h k v");
  }

  @Test
  void anImageToCopyIsNamedAsInFrom() throws BuildFailure {
    BuildPack copy = pack().setSourceImage("debian:13").build();

    assertThat(WorkOrders.read(copy, RegistrySettings.defaults()).copied())
        .hasToString("docker.io/library/debian:13");
    assertThatThrownBy(
            () ->
                WorkOrders.read(
                    copy.toBuilder().putLabels("a", "b").build(), RegistrySettings.defaults()))
        .hasMessageContaining("no use for labels");
    assertThatThrownBy(
            () ->
                WorkOrders.read(
                    copy.toBuilder().setSourceImage("UPPER/x").build(),
                    RegistrySettings.defaults()))
        .isInstanceOf(BuildFailure.class);
  }
}

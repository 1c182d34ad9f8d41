package dev.buildman.agent.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RunScriptsTest {

  private static Instruction.Run firstRun(String text) throws DockerfileException {
    Dockerfile file = Dockerfile.parse(RunScripts.inline(text));
    return file.stages().stream()
        .flatMap(stage -> stage.instructions().stream())
        .filter(Instruction.Run.class::isInstance)
        .map(Instruction.Run.class::cast)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aHereDocumentAloneIsAScriptOfTheShell() throws DockerfileException {
    Instruction.Run run =
        firstRun("FROM a\nRUN <<EOF\nset -e\necho \"$X\\n\"\n\ttab\nEOF\nUSER me\n");
    assertThat(run.heredocs()).isEmpty();
    assertThat(run.command())
        .isEqualTo(
            new Instruction.Command(
                true, List.of("/bin/sh", "-c", "set -e\necho \"$X\\n\"\n\ttab\n")));
  }

  @Test
  void besideOtherWordsItIsTheShellsOwn() throws DockerfileException {
    Instruction.Run run =
        firstRun("FROM a\nRUN --network=none cat <<-A > /a && cat <<'B'\n\tone\n\tA\n$two\nB\n");
    assertThat(run.flags()).containsEntry("network", List.of("none"));
    assertThat(run.command().words())
        .containsExactly("/bin/sh", "-c", "cat <<-A > /a && cat <<'B'\n\tone\nA\n$two\nB\n");
  }

  @Test
  void tabsAreCutWhereTheyShall() throws DockerfileException {
    assertThat(firstRun("FROM a\nRUN <<-EOF\n\tone\n\tEOF\n").command().words().getLast())
        .isEqualTo("one\n");
  }

  @Test
  void aScriptThatNamesItsProgramIsRunByIt() throws DockerfileException {
    String script =
        firstRun("FROM a\nRUN <<EOF\n#!/usr/bin/env python3\nprint(1)\nEOF\n")
            .command()
            .words()
            .getLast();
    assertThat(script)
        .contains("\n#!/usr/bin/env python3\nprint(1)\nBUILDMAN_END_OF_SCRIPT\n")
        .endsWith("exit $s\n");
  }

  @Test
  void theShellIsTheStagesAndGoesOnToStagesMadeFromIt() throws DockerfileException {
    String file = "FROM a AS One\nSHELL [\"/bin/bash\", \"-c\"]\nFROM one\nRUN <<E\nx\nE\n";
    assertThat(firstRun(file).command().words()).containsExactly("/bin/bash", "-c", "x\n");
    assertThat(firstRun("FROM a\nSHELL [\"/b\"]\nFROM a\nRUN <<E\nx\nE\n").command().words())
        .startsWith("/bin/sh");
  }

  @Test
  void everythingElseStaysOnItsLine() throws DockerfileException {
    String file =
        "# escape=\\\nFROM a\n# note\nRUN a \\\n  b\nRUN <<E\none\nE\nCOPY <<F /f\nf\nF\nUSER me\n";
    List<String> before = file.lines().toList();
    List<String> after = RunScripts.inline(file).lines().toList();
    assertThat(after).hasSameSizeAs(before);
    assertThat(after.subList(0, 5)).isEqualTo(before.subList(0, 5));
    assertThat(after.subList(5, 8))
        .containsExactly("RUN [\"/bin/sh\", \"-c\", \"one\\n\"]", "", "");
    assertThat(after.subList(8, 12)).isEqualTo(before.subList(8, 12));
  }
}

package dev.buildman.agent.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ScopeTest {

  private static StageScope run(String text, Map<String, String> args) throws DockerfileException {
    Dockerfile file = Dockerfile.parse(text);
    StageScope scope =
        GlobalScope.of(file, args, Map.of("TARGETARCH", "arm64")).stage(Map.of("PATH", "/bin"));
    for (Instruction instruction : file.stages().getFirst().instructions()) {
      if (instruction instanceof Instruction.Arg arg) {
        scope.declare(arg);
      } else if (instruction instanceof Instruction.Env env) {
        scope.set(env);
      }
    }
    return scope;
  }

  private static String value(StageScope scope, String text) throws DockerfileException {
    return scope.expansion().word(text, 1);
  }

  @Test
  void seesAGlobalArgumentOnlyAfterAnArgOfItsOwn() throws DockerfileException {
    assertThat(value(run("ARG V=1\nFROM scratch", Map.of()), "$V")).isEmpty();
    assertThat(value(run("ARG V=1\nFROM scratch\nARG V", Map.of()), "$V")).isEqualTo("1");
    assertThat(value(run("ARG V=1\nFROM scratch\nARG V=2", Map.of()), "$V")).isEqualTo("2");
    assertThat(value(run("ARG V=1\nFROM scratch\nARG V", Map.of("V", "3")), "$V")).isEqualTo("3");
  }

  @Test
  void prefersTheClientsValueToTheDefaultAndEnvToBoth() throws DockerfileException {
    assertThat(value(run("FROM scratch\nARG V=2", Map.of("V", "3")), "$V")).isEqualTo("3");
    assertThat(value(run("FROM scratch\nENV V=9\nARG V=2", Map.of("V", "3")), "$V")).isEqualTo("9");
    assertThat(value(run("FROM scratch", Map.of("V", "3")), "$V")).isEmpty();
  }

  @Test
  void evaluatesGlobalArgumentsInTheirOrder() throws DockerfileException {
    assertThat(
            value(
                run("ARG A=1\nARG B=$A-$TARGETARCH\nFROM scratch\nARG B", Map.of("A", "2")), "$B"))
        .isEqualTo("2-arm64");
  }

  @Test
  void offersThePlatformOnlyWhereItIsAskedFor() throws DockerfileException {
    assertThat(value(run("FROM scratch\nARG TARGETARCH", Map.of()), "$TARGETARCH"))
        .isEqualTo("arm64");
    assertThat(value(run("FROM scratch", Map.of()), "$TARGETARCH")).isEmpty();
  }

  @Test
  void evaluatesAllOfAnEnvBeforeSettingAny() throws DockerfileException {
    StageScope scope =
        run(
            "FROM scratch\nENV abc=hello\nENV abc=bye def=$abc\nENV ghi=$abc PATH=$PATH:/x",
            Map.of());
    assertThat(scope.environment())
        .containsEntry("def", "hello")
        .containsEntry("ghi", "bye")
        .containsEntry("PATH", "/bin:/x");
    assertThat(scope.environment().keySet()).containsExactly("PATH", "abc", "def", "ghi");
  }

  @Test
  void findsBuildArgumentsThatNothingDeclares() throws DockerfileException {
    Dockerfile file = Dockerfile.parse("ARG A\nFROM scratch\nARG B");
    GlobalScope scope =
        GlobalScope.of(
            file,
            Map.of("A", "1", "B", "2", "Typo", "3", "HTTP_PROXY", "x", "SOURCE_DATE_EPOCH", "1"),
            Map.of());
    assertThat(scope.undeclared(file)).containsExactly("Typo");
  }
}

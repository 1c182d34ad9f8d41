package dev.buildman.agent.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.agent.dockerfile.Instruction.Command;
import dev.buildman.agent.dockerfile.Instruction.Pair;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerfileTest {

  private static Dockerfile parse(String text) throws DockerfileException {
    return Dockerfile.parse(text);
  }

  private static <T extends Instruction> T only(Class<T> type, String instruction)
      throws DockerfileException {
    List<Instruction> instructions =
        parse("FROM scratch\n" + instruction).stages().getFirst().instructions();
    assertThat(instructions).hasSize(1);
    return type.cast(instructions.getFirst());
  }

  @Test
  void readsStagesWithTheirNamesAndGlobalArguments() throws DockerfileException {
    Dockerfile file =
        parse(
            """
            # syntax=docker/dockerfile:1
            ARG BASE=alpine
            FROM --platform=$BUILDPLATFORM $BASE:3 AS Build
            RUN make
            from scratch
            copy --from=build /a /b
            """);
    assertThat(file.directives()).isEqualTo(new Directives('\\', "docker/dockerfile:1"));
    assertThat(file.globalArguments())
        .extracting(Instruction.Arg::arguments)
        .containsExactly(List.of(new Pair("BASE", "alpine")));
    assertThat(file.stages()).extracting(Stage::name).containsExactly("build", null);
    assertThat(file.stages().get(0).from().platform()).isEqualTo("$BUILDPLATFORM");
    assertThat(file.stages().get(0).from().image()).isEqualTo("$BASE:3");
    assertThat(file.stages().get(1).instructions())
        .singleElement()
        .isInstanceOf(Instruction.Copy.class);
    assertThat(file.stages().get(1).instructions().getFirst().line()).isEqualTo(6);
  }

  @Test
  void joinsContinuedLinesAndDropsCommentsAndEmptyLinesWithin() throws DockerfileException {
    Dockerfile file =
        parse("FROM scratch\n\n  # note\nENV a=1 \\  \n  # inside\n\n    b=2 \\\n c=3\nUSER me\n");
    List<Instruction> instructions = file.stages().getFirst().instructions();
    assertThat(((Instruction.Env) instructions.getFirst()).variables())
        .containsExactly(new Pair("a", "1"), new Pair("b", "2"), new Pair("c", "3"));
    assertThat(instructions.getFirst().line()).isEqualTo(4);
    assertThat(instructions.get(1).line()).isEqualTo(9);
  }

  @Test
  void takesAnEscapedEscapeAtTheEndOfALineAsNoContinuation() throws DockerfileException {
    Dockerfile file = parse("FROM scratch\nENV p=c:\\\\\nUSER me");
    assertThat(file.stages().getFirst().instructions()).hasSize(2);
  }

  @Test
  void readsFilesOfOtherSystems() throws DockerfileException {
    Dockerfile file = parse("\uFEFF# escape=`\r\nFROM scratch\r\nCOPY a `\r\n c:\\dir\\\r\n");
    assertThat(file.directives().escape()).isEqualTo('`');
    Instruction.Copy copy = (Instruction.Copy) file.stages().getFirst().instructions().getFirst();
    assertThat(copy.files().destination()).isEqualTo("c:\\dir\\");
  }

  @Test
  void takesADirectiveAfterAnythingElseAsAComment() throws DockerfileException {
    assertThat(parse("# hello\n# escape=`\nFROM scratch").directives().escape()).isEqualTo('\\');
    assertThat(parse("\n# escape=`\nFROM scratch").directives().escape()).isEqualTo('\\');
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "CMD [\"a\", \"b c\"] | true | a,b c",
        "CMD [ \"\\u0041\\n\" ] | true | A\n",
        "CMD [] | true | ``",
        "CMD echo \"a b\" $x | false | echo \"a b\" $x",
        "CMD [ -f /x ] && y | false | [ -f /x ] && y",
        "CMD [[ 1 = 1 ]] && y | false | [[ 1 = 1 ]] && y",
        "CMD ['a', 'b'] | false | ['a', 'b']",
      })
  void tellsTheJsonFormFromTheShellForm(String text, boolean exec, String words)
      throws DockerfileException {
    Command command = only(Instruction.Cmd.class, text).command();
    assertThat(command.exec()).isEqualTo(exec);
    assertThat(String.join(",", command.words()).strip()).isEqualTo(words.strip());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ENV a=1 b=\"x y\" c='z' | a=1;b=\"x y\";c='z'",
        "ENV a=x\\ y b= | a=x\\ y;b=",
        "ENV a some  text with = sign | a=some  text with = sign",
        "LABEL \"com.example/x\"=\"a b\" y=$z | \"com.example/x\"=\"a b\";y=$z",
        "LABEL a.b multi word | a.b=multi word",
      })
  void readsPairsWithTheirQuotes(String text, String expected) throws DockerfileException {
    Instruction instruction = only(Instruction.class, text);
    List<Pair> pairs =
        instruction instanceof Instruction.Env env
            ? env.variables()
            : ((Instruction.Label) instruction).labels();
    assertThat(
            String.join(";", pairs.stream().map(pair -> pair.name() + "=" + pair.value()).toList()))
        .isEqualTo(expected);
  }

  @Test
  void readsArgumentsWithAndWithoutDefaults() throws DockerfileException {
    assertThat(only(Instruction.Arg.class, "ARG a b=1 c=\"x y\" d=").arguments())
        .containsExactly(
            new Pair("a", null), new Pair("b", "1"), new Pair("c", "\"x y\""), new Pair("d", ""));
  }

  @Test
  void readsTheFlagsOfCopyAndAdd() throws DockerfileException {
    Instruction.Copy copy =
        only(
            Instruction.Copy.class,
            "COPY --from=build --chown=1:2 --chmod=755 --link --exclude=*.md --exclude=t a b /c/");
    assertThat(copy.from()).isEqualTo("build");
    assertThat(copy.files())
        .isEqualTo(
            new Instruction.Transfer(
                List.of("a", "b"), "/c/", "1:2", "755", List.of("*.md", "t"), List.of()));
    assertThat(copy.flags()).containsOnlyKeys("link");
    Instruction.Add add =
        only(Instruction.Add.class, "ADD --checksum=sha256:ab [\"http://x/a b\", \"/c d\"]");
    assertThat(add.files().sources()).containsExactly("http://x/a b");
    assertThat(add.files().destination()).isEqualTo("/c d");
    assertThat(add.flags()).containsEntry("checksum", "sha256:ab");
  }

  @Test
  void readsTheMountsOfRun() throws DockerfileException {
    Instruction.Run run =
        only(
            Instruction.Run.class,
            "RUN --mount=type=cache,target=/c --mount=type=bind,from=x --network=none go build");
    assertThat(run.flags().get("mount"))
        .containsExactly("type=cache,target=/c", "type=bind,from=x");
    assertThat(run.command()).isEqualTo(new Command(false, List.of("go build")));
  }

  @Test
  void readsHereDocuments() throws DockerfileException {
    Dockerfile file =
        parse(
            """
            FROM scratch
            COPY <<a.txt <<-"b.txt" /dir/
            one $x
            a.txt
            \t# two
            \t\tb.txt
            RUN <<EOF
              echo hi
            EOF
            USER me
            """);
    Instruction.Copy copy = (Instruction.Copy) file.stages().getFirst().instructions().get(0);
    assertThat(copy.files().sources()).isEmpty();
    assertThat(copy.files().heredocs())
        .containsExactly(
            new Heredoc("a.txt", true, false, "one $x\n"),
            new Heredoc("b.txt", false, true, "\t# two\n"));
    assertThat(copy.files().heredocs().get(1).text()).isEqualTo("# two\n");
    Instruction.Run run = (Instruction.Run) file.stages().getFirst().instructions().get(1);
    assertThat(run.heredocs())
        .singleElement()
        .extracting(Heredoc::content)
        .isEqualTo("  echo hi\n");
    assertThat(file.stages().getFirst().instructions().get(2).line()).isEqualTo(10);
  }

  @Test
  void takesShiftsAndJsonForNoHereDocument() throws DockerfileException {
    assertThat(only(Instruction.Run.class, "RUN echo $((1 << 2)) <<< x").heredocs()).isEmpty();
    assertThat(only(Instruction.Run.class, "RUN [\"cat\", \"<<EOF\"]").heredocs()).isEmpty();
    assertThat(only(Instruction.Env.class, "ENV a=<<EOF").variables()).hasSize(1);
  }

  @Test
  void readsHealthChecks() throws DockerfileException {
    HealthProbe probe =
        only(
                Instruction.Healthcheck.class,
                "HEALTHCHECK --interval=1m30s --timeout=1.5s --start-period=250ms --retries=3 CMD"
                    + " curl -f x")
            .probe();
    assertThat(probe)
        .isEqualTo(
            new HealthProbe(
                new Command(false, List.of("curl -f x")),
                Duration.ofSeconds(90),
                Duration.ofMillis(1500),
                Duration.ofMillis(250),
                null,
                3));
    assertThat(only(Instruction.Healthcheck.class, "HEALTHCHECK none").probe().command()).isNull();
  }

  @Test
  void readsTriggersAndKeepsTheirText() throws DockerfileException {
    Instruction.OnBuild trigger = only(Instruction.OnBuild.class, "onbuild copy --chown=1 a /b");
    assertThat(trigger.trigger()).isEqualTo("copy --chown=1 a /b");
    assertThat(trigger.instruction()).isInstanceOf(Instruction.Copy.class);
    assertThat(Dockerfile.trigger("ENV a=1", 4).line()).isEqualTo(4);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "USER 1:2",
        "WORKDIR /a b",
        "STOPSIGNAL SIGTERM",
        "MAINTAINER A B <a@b>",
        "EXPOSE 80 443/tcp",
        "VOLUME /a /b",
        "VOLUME [\"/a\"]",
        "SHELL [\"/bin/bash\", \"-c\"]",
        "ENTRYPOINT",
        "ENTRYPOINT [\"/a\"]",
        "RUN --mount=type=secret,id=x cat",
        "LABEL a=--x",
      })
  void readsEveryOtherInstruction(String instruction) throws DockerfileException {
    assertThat(only(Instruction.class, instruction).text()).isEqualTo(instruction);
  }

  @ParameterizedTest(name = "line {0}: {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1 | COPPY a b | unknown instruction COPPY; did you mean COPY?",
        "1 | FORM scratch | did you mean FROM?",
        "2 | FROM scratch~WROKDIR /a | did you mean WORKDIR?",
        "2 | FROM scratch~XYZZY | unknown instruction XYZZY.",
        "1 | RUN true~FROM scratch | only ARG may stand before the first FROM",
        "0 | # nothing | it has no FROM",
        "0 | ARG a=1 | it has no FROM",
        "1 | FROM | FROM needs an image",
        "1 | FROM a b | FROM takes an image and may name the stage",
        "1 | FROM a AS 1x | the stage name 1x is not allowed",
        "1 | FROM a AS scratch | the stage name scratch is not allowed",
        "1 | FROM --platfrom=x a | did you mean --platform?",
        "2 | FROM scratch~COPY a | needs at least one source and a destination",
        "2 | FROM scratch~COPY --form=x a b | did you mean --from?",
        "2 | FROM scratch~COPY --chown=1 --chown=2 a b | twice",
        "2 | FROM scratch~USER --x me | USER takes no flags",
        "2 | FROM scratch~CMD [\"a\", 1] | only strings in double quotes",
        "2 | FROM scratch~SHELL /bin/sh -c | SHELL takes the JSON form only",
        "2 | FROM scratch~ENV a | ENV a has no value; write ENV a=value",
        "2 | FROM scratch~ENV a=1 b | b has no equals sign",
        "2 | FROM scratch~ENV =1 | needs a name",
        "2 | FROM scratch~ENV | ENV needs name=value",
        "2 | FROM scratch~RUN | RUN needs a command",
        "2 | FROM scratch~USER a b | takes exactly one argument",
        "2 | FROM scratch~ONBUILD FROM x | ONBUILD FROM is not allowed",
        "2 | FROM scratch~ONBUILD ONBUILD RUN x | ONBUILD ONBUILD is not allowed",
        "2 | FROM scratch~HEALTHCHECK curl x | HEALTHCHECK takes CMD and a command, or NONE",
        "2 | FROM scratch~HEALTHCHECK --interval=5x CMD a | --interval=5x is no duration",
        "2 | FROM scratch~HEALTHCHECK --interval=1us CMD a | shorter than 1ms",
        "2 | FROM scratch~HEALTHCHECK --retries=-1 CMD a | --retries=-1 is no number",
        "2 | FROM scratch~RUN <<EOF~echo~EOF2 | the here-document <<EOF is never ended",
        "4 | FROM scratch~USER \\~ me~COPY \\~ a | needs at least one source",
        "2 | # escape=`~# escape=\\~FROM scratch | is given twice",
        "1 | # escape=x~FROM scratch | escape is",
      })
  void namesTheLineAndWhatToDo(int line, String text, String problem) {
    String file = text.replace('~', '\n');
    assertThatThrownBy(() -> parse(file))
        .isInstanceOfSatisfying(
            DockerfileException.class, e -> assertThat(e.line()).isEqualTo(line))
        .hasMessageContaining(problem);
  }
}

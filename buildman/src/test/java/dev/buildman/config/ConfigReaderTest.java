package dev.buildman.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.assertj.core.api.ObjectAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigReaderTest {

  private enum Colour {
    DARK_RED,
    GREEN
  }

  private static final ConfigReader READER =
      new ConfigReader(Map.of("WORKERS", "7", "EMPTY", "", "TOKEN", "from-environment"));

  @Test
  void readsEachKindOfValue() {
    String text =
        """
        OURS:
          NAME: 0123
          COUNT: "4"
          ON: yes
          SHARE: 0.5
          WAIT: 5m
          SIZE: 4 GiB
          COLOUR: dark-red
          LISTEN: "[::1]:80"
          LIST: [a, b]
          LONE: a
          FREE: {X: 1, y: z}
          MAPS:
          - {NAME: first}
          - {NAME: second}
        """;
    assertRead(
            text,
            top -> {
              ConfigMap ours = top.section("OURS");
              return List.of(
                  ours.text("NAME", ""),
                  ours.integer("COUNT", 1, 0, 10),
                  ours.flag("ON", false),
                  ours.number("SHARE", 1, 0, 1),
                  ours.duration("WAIT", Duration.ZERO),
                  ours.size("SIZE", 0),
                  ours.choice("COLOUR", Colour.GREEN),
                  ours.hostPort("LISTEN", new HostPort("x", 1)),
                  ours.texts("LIST"),
                  ours.texts("LONE"),
                  ours.textMap("FREE"),
                  ours.sections("MAPS").stream().map(map -> map.text("NAME", "")).toList());
            })
        .isEqualTo(
            List.of(
                "0123",
                4,
                true,
                0.5,
                Duration.ofMinutes(5),
                4L << 30,
                Colour.DARK_RED,
                new HostPort("::1", 80),
                List.of("a", "b"),
                List.of("a"),
                Map.of("X", "1", "y", "z"),
                List.of("first", "second")));
  }

  @Test
  void nullAndTheEmptyTextMeanNotSet() {
    String text = "OURS: {A: '', B: null, C: , D: ~, E: '${EMPTY}'}";
    assertRead(
            text,
            top ->
                List.of("A", "B", "C", "D", "E").stream()
                    .map(key -> top.section("OURS").integer(key, 3, 0, 9))
                    .toList())
        .isEqualTo(List.of(3, 3, 3, 3, 3));
    assertRead("OURS: ''", top -> top.section("OURS").text("A", "none")).isEqualTo("none");
    assertRead("", top -> top.text("A", "none")).isEqualTo("none");
  }

  @Test
  void allProblemsAreReportedAtOnceInTheOrderOfTheFile() {
    String text =
        """
        OURS:
          COUNT: ten
          WAIT: 5 parsecs
          SIZE: big
          COLOUR: blue
          LISTEN: nowhere
          FLAG: perhaps
          LIST: {a: b}
          CUONT: 1
          COUNT: 12
        """;
    List<String> problems =
        problems(
            text,
            top -> {
              ConfigMap ours = top.section("OURS");
              ours.integer("COUNT", 1, 0, 10);
              ours.duration("WAIT");
              ours.size("SIZE", 0);
              ours.choice("COLOUR", Colour.GREEN);
              ours.hostPort("LISTEN", -1);
              ours.flag("FLAG", false);
              ours.texts("LIST");
              ours.requiredText("MISSING", "nothing works without it");
              return "";
            });
    assertThat(problems)
        .containsExactly(
            "c.yaml:1:1: OURS.MISSING: is required: nothing works without it",
            "c.yaml:3:9: OURS.WAIT: \"5 parsecs\" is not allowed; allowed: "
                + Units.DURATION_FORMS
                + "; at least 1ms",
            "c.yaml:4:9: OURS.SIZE: \"big\" is not allowed; allowed: " + Units.SIZE_FORMS,
            "c.yaml:5:11: OURS.COLOUR: \"blue\" is not allowed; allowed: dark_red, green",
            "c.yaml:6:11: OURS.LISTEN: \"nowhere\" is not allowed; allowed: host:port"
                + " ([address]:port for IPv6)",
            "c.yaml:7:9: OURS.FLAG: \"perhaps\" is not allowed; allowed: true or false",
            "c.yaml:8:9: OURS.LIST: a map stands where one value belongs",
            "c.yaml:9:3: OURS.CUONT: unknown key; did you mean COUNT?",
            "c.yaml:10:3: OURS.COUNT: stands here a second time; the first is in line 2",
            "c.yaml:10:10: OURS.COUNT: \"12\" is not allowed; allowed: a whole number from 0 to"
                + " 10");
  }

  @Test
  void anUnknownKeyFarFromAllOthersIsAnsweredWithTheKnownOnes() {
    assertThat(problems("OURS: {ZEBRA: 1}", top -> top.section("OURS").text("NAME", "")))
        .containsExactly("c.yaml:1:8: OURS.ZEBRA: unknown key; known here: NAME");
  }

  @Test
  void theTopLevelIgnoresForeignKeysAndWarnsOfNearMisses() {
    ConfigResult<String> result =
        read("DB_URI: x\nDB_URI: y\nSECRET_KYE: x\n", top -> top.text("SECRET_KEY", "none"));
    assertThat(result.orThrow()).isEqualTo("none");
    assertThat(result.warnings().stream().map(Problem::toString))
        .containsExactly(
            "c.yaml:2:1: DB_URI: stands here a second time; the first is in line 1",
            "c.yaml:3:1: SECRET_KYE: is not read; did you mean SECRET_KEY?");
  }

  @Test
  void aWholeValueMayComeFromTheEnvironment() {
    assertRead("OURS: {N: '${WORKERS}'}", top -> top.section("OURS").integer("N", 1, 0, 9))
        .isEqualTo(7);
    assertRead("OURS: {N: 'a${WORKERS}'}", top -> top.section("OURS").text("N", ""))
        .isEqualTo("a${WORKERS}");
    assertThat(problems("OURS: {N: '${NOBODY}'}", top -> top.section("OURS").text("N", "")))
        .containsExactly("c.yaml:1:11: OURS.N: the environment has no variable NOBODY");
    assertThat(problems("OURS: {N: '${TOKEN}'}", top -> top.section("OURS").integer("N", 1, 0, 9)))
        .singleElement()
        .asString()
        .contains("${TOKEN}")
        .doesNotContain("from-environment");
  }

  @Test
  void noProblemShowsASecret() {
    String text =
        """
        OURS:
          PASSWORD: [hunter2]
          PASSWROD: hunter2
          PROXY: http://me:hunter2@proxy
          PASSWORD: {a: hunter2}
        """;
    assertThat(
            problems(
                text,
                top -> {
                  top.section("OURS").secret("PASSWORD");
                  top.section("OURS").hostPort("PROXY", -1);
                  return "";
                }))
        .hasSize(4)
        .noneMatch(line -> line.contains("hunter2"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'A: *hunter2'           | 1:4 | put the value in quotes",
        "'A: @hunter2'           | 1:4 | put the value in quotes",
        "'A: 1\n\tB: 2'          | 2:1 | indent with spaces",
        "'A:\n  - x\n B: hunter2'| 3:2 | indentation",
        "'A: [x, y\nB: hunter2'  | 2:2 | not closed",
        "'A: \"hunter2'          | 1:12| closing quote",
        "'A: b: hunter2'         | 1:5 | check the indentation",
        "'A: 1\nhunter2\nB: 1'   | 3:1 | without its",
        "'A: 1\n---\nB: 1'       | 3:1 | second YAML document",
        "'A: \"hunter\\q2\"'     | 1:12| not valid YAML",
      })
  void aSyntaxErrorIsReadableAndHasItsPlace(String text, String place, String words) {
    assertThat(problems(text, top -> top.text("A", "")))
        .singleElement()
        .asString()
        .startsWith("c.yaml:" + place + ":")
        .contains(words)
        .doesNotContain("hunter");
  }

  @Test
  void aValueThatYamlTakesForATagIsExplained() {
    assertThat(problems("OURS: {P: !hunter2 }", top -> top.section("OURS").secret("P").toString()))
        .containsExactly(
            "c.yaml:1:11: OURS.P: a value that begins with ! is a YAML tag; put the value in"
                + " quotes");
  }

  @Test
  void anchorsAndMergesWorkAndOwnKeysWin() {
    String text =
        """
        BASE: &base {A: 1, B: 2}
        OURS:
          <<: *base
          B: 3
        """;
    assertRead(
            text,
            top ->
                List.of(
                    top.section("OURS").integer("A", 0, 0, 9),
                    top.section("OURS").integer("B", 0, 0, 9)))
        .isEqualTo(List.of(1, 3));
  }

  @Test
  void theTextOfADocumentThatIsNoMapIsRefused() {
    assertThat(problems("- a\n", top -> "")).containsExactly("c.yaml:1:1: must be a map of keys");
  }

  @Test
  void anExceptionOfAParserAfterAProblemIsItsConsequence() {
    Function<ConfigMap, Object> parser =
        top -> {
          top.integer("N", 1, 0, 9);
          throw new IllegalStateException("fell over the fallback");
        };
    assertThat(problems("N: x", parser)).hasSize(1);
    assertThatThrownBy(() -> read("N: 1", parser)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aRetiredKeySaysWhatToDo() {
    assertThat(
            problems(
                "OURS: {JOB_PREFIX: x}",
                top -> {
                  top.section("OURS").retired("JOB_PREFIX", "use ORCHESTRATOR_PREFIX");
                  return "";
                }))
        .containsExactly("c.yaml:1:8: OURS.JOB_PREFIX: is retired: use ORCHESTRATOR_PREFIX");
  }

  @Test
  void twoReadingsDifferExactlyInTheChangedKeys() {
    var before = (ConfigResult.Valid<String>) read("A: 1\nB: s3cret\n", ConfigReaderTest::two);
    var after = (ConfigResult.Valid<String>) read("A: 1\nB: other\n", ConfigReaderTest::two);
    assertThat(before.values().get("A")).isEqualTo(after.values().get("A"));
    assertThat(before.values().get("B")).isNotEqualTo(after.values().get("B"));
    assertThat(before.values().toString()).doesNotContain("s3cret");
    assertThat(before.keys()).containsExactly("A", "B", "B_FILE");
  }

  @ParameterizedTest
  @CsvSource({
    "30,PT30S",
    "1.5,PT1.5S",
    "500ms,PT0.5S",
    "30s,PT30S",
    "5m,PT5M",
    "2h,PT2H",
    "7d,PT168H",
    "'7 d',PT168H"
  })
  void durationsAreSecondsOrCarryAUnit(String text, Duration duration) {
    assertThat(Units.duration(text)).contains(duration);
  }

  @ParameterizedTest
  @CsvSource({
    "10,10",
    "16KiB,16384",
    "16Ki,16384",
    "64 MiB,67108864",
    "4 GiB,4294967296",
    "1k,1000",
    "2MB,2000000",
    "1.5KiB,1536",
    "7B,7"
  })
  void sizesAreBytesOrCarryAUnit(String text, long bytes) {
    assertThat(Units.size(text)).contains(bytes);
  }

  @ParameterizedTest
  @CsvSource({"-1", "1y", "x", "''", "1e3", "99999999999d", "5 M"})
  void whatIsNoDurationIsRefused(String text) {
    assertThat(Units.duration(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"-1", "1X", "Ki", "3 i", "99999999999999 TiB"})
  void whatIsNoSizeIsRefused(String text) {
    assertThat(Units.size(text)).isEmpty();
  }

  @Test
  void theDistanceOfKeysCountsASwapOnce() {
    assertThat(NearestKey.distance("SECRET_KYE", "SECRET_KEY")).isEqualTo(1);
    assertThat(NearestKey.distance("LEASE", "LEASES")).isEqualTo(1);
    assertThat(NearestKey.distance("lease", "LEASE")).isZero();
  }

  private static String two(ConfigMap top) {
    return top.text("A", "") + top.secret("B");
  }

  private static <T> ConfigResult<T> read(String text, Function<ConfigMap, T> parse) {
    return READER.readText("c.yaml", text, Path.of("/"), parse);
  }

  private static ObjectAssert<Object> assertRead(String text, Function<ConfigMap, Object> parse) {
    return assertThat(read(text, parse).orThrow());
  }

  private static List<String> problems(String text, Function<ConfigMap, Object> parse) {
    ConfigResult<Object> result = read(text, parse);
    assertThat(result).isInstanceOf(ConfigResult.Invalid.class);
    return ((ConfigResult.Invalid<Object>) result)
        .problems().stream().map(Problem::toString).toList();
  }
}

package dev.buildman;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.config.ConfigReader;
import dev.buildman.config.ConfigResult;
import dev.buildman.config.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The example file and what the program reads say the same, both ways. */
final class ConfigExampleIT {

  private static final Path EXAMPLE = Path.of("..", "config.yaml.example");
  private static final Places PLACES = new Places(Path.of("agent"), Path.of("data"));
  private static final Pattern COMMENTED = Pattern.compile("(?m)^(\\s*)#(?=[\\w.${]|- [A-Z])");
  private static final Pattern ENVIRONMENT = Pattern.compile("\\$\\{(\\w+)}");

  @Test
  void theExamplePassesTheCheck() {
    ConfigResult<Settings> result =
        new ConfigReader(Map.of()).read(EXAMPLE, top -> Settings.parse(top, PLACES));
    assertThat(result.orThrow().executors()).hasSize(1);
    assertThat(result.warnings()).isEmpty();
  }

  @Test
  void everyKeyOfTheExampleIsReadAndEveryKeyThatIsReadIsInTheExample() throws IOException {
    ConfigResult<Settings> result = readWithAllKeys();
    SortedSet<String> read =
        switch (result) {
          case ConfigResult.Valid<Settings> valid -> valid.keys();
          case ConfigResult.Invalid<Settings> invalid -> {
            assertThat(invalid.problems())
                .extracting(Problem::message)
                .noneMatch(message -> message.contains("unknown key"))
                .noneMatch(message -> message.contains("is not allowed"))
                .noneMatch(message -> message.contains("not valid YAML"));
            yield invalid.keys();
          }
        };
    assertThat(read).hasSizeGreaterThan(100);
    assertThat(missingIn(exampleWords(), read)).isEmpty();
  }

  /**
   * With all keys in it the file has combinations that exclude each other; unknown keys it has not.
   */
  private static ConfigResult<Settings> readWithAllKeys() throws IOException {
    String text = COMMENTED.matcher(Files.readString(EXAMPLE)).replaceAll("$1");
    Map<String, String> environment = new HashMap<>();
    Matcher names = ENVIRONMENT.matcher(text);
    while (names.find()) {
      environment.put(names.group(1), "x");
    }
    return new ConfigReader(environment)
        .readText("config.yaml.example", text, Path.of("."), top -> Settings.parse(top, PLACES));
  }

  private static SortedSet<String> exampleWords() throws IOException {
    SortedSet<String> words = new TreeSet<>();
    Matcher keys =
        Pattern.compile("(?m)(?:^\\s*#?(?:- )?|[{,\\[] ?\\{?)([A-Za-z0-9_]+):")
            .matcher(Files.readString(EXAMPLE));
    while (keys.find()) {
      words.add(keys.group(1));
    }
    return words;
  }

  private static SortedSet<String> missingIn(SortedSet<String> words, SortedSet<String> paths) {
    SortedSet<String> missing = new TreeSet<>();
    for (String path : paths) {
      String key = path.substring(path.lastIndexOf('.') + 1).replace("[]", "");
      if (!words.contains(key)) {
        missing.add(path);
      }
    }
    return missing;
  }
}

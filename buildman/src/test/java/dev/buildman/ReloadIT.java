package dev.buildman;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.buildman.config.ConfigReader;
import dev.buildman.config.ConfigResult;
import dev.buildman.config.ConfigResult.Valid;
import dev.buildman.model.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

final class ReloadIT {

  private static final String FILE =
      """
      SECRET_KEY: a-secret-that-is-long-enough
      BUILD_MANAGER:
      - ephemeral
      - ALLOWED_WORKER_COUNT: 2
        MACHINE_MAX_TIME: 1h
        EXECUTORS:
        - EXECUTOR: popen
      BUILDMAN:
        API_TOKEN_FILE: token
      """;

  @TempDir private Path folder;
  private final List<Reloadable> applied = new ArrayList<>();
  private final ListAppender<ILoggingEvent> events = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(Reload.class);
  private Path file;
  private Reload reload;

  @BeforeEach
  void start() throws IOException {
    Files.writeString(folder.resolve("token"), "the-first-token-of-all");
    file = Files.writeString(folder.resolve("config.yaml"), FILE);
    reload = new Reload(this::read, (Valid<Settings>) read(), applied::add);
    logger.setLevel(Level.INFO);
    events.start();
    logger.addAppender(events);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(events);
  }

  @Test
  void anUnchangedFileChangesNothing() throws IOException {
    Files.writeString(file, FILE);
    look(3);
    assertThat(applied).isEmpty();
    assertThat(messages()).isEmpty();
  }

  @Test
  void aLiveKeyTakesEffectOnceTheFileIsSettled() throws IOException {
    edit("COUNT: 2", "COUNT: 5");
    look(1);
    assertThat(applied).isEmpty();
    look(3);
    assertThat(applied).hasSize(1);
    assertThat(applied.getFirst().capacity().allowedWorkers()).isEqualTo(5);
    assertThat(messages())
        .singleElement()
        .asString()
        .contains("keys=[BUILD_MANAGER[1].ALLOWED_WORKER_COUNT], workers=5");
  }

  @Test
  void aTokenInAFileOfItsOwnTakesEffectAndIsNotShown() throws IOException {
    Files.writeString(folder.resolve("token"), "the-first-token-of-all\nthe-second-token\n");
    look(2);
    assertThat(applied.getFirst().apiTokens())
        .containsExactly(Secret.of("the-first-token-of-all"), Secret.of("the-second-token"));
    assertThat(messages()).noneMatch(message -> message.contains("second"));
  }

  @Test
  void aBrokenEditIsRefusedOnceWithItsReasonAndTheOldValuesStay() throws IOException {
    edit("COUNT: 2", "COUNT: lots");
    look(4);
    assertThat(applied).isEmpty();
    assertThat(messages())
        .singleElement()
        .asString()
        .contains("the old values stay", "config.yaml:4:25", "\"lots\" is not allowed");
    edit("COUNT: 2", "COUNT: 3");
    look(2);
    assertThat(applied.getFirst().capacity().allowedWorkers()).isEqualTo(3);
  }

  @Test
  void aFileThatIsGoneIsRefusedAndReadAgainWhenItIsBack() throws IOException {
    Files.delete(file);
    look(2);
    assertThat(messages()).singleElement().asString().contains("cannot be read");
    edit("COUNT: 2", "COUNT: 4");
    look(2);
    assertThat(applied.getFirst().capacity().allowedWorkers()).isEqualTo(4);
  }

  @Test
  void anyOtherKeySaysThatItNeedsARestartUntilItIsPutBack() throws IOException {
    edit("MAX_TIME: 1h", "MAX_TIME: 2h");
    look(4);
    assertThat(applied).isEmpty();
    assertThat(messages())
        .singleElement()
        .asString()
        .contains("needs a restart", "keys=[BUILD_MANAGER[1].MACHINE_MAX_TIME]");
    Files.writeString(file, FILE);
    look(2);
    assertThat(messages()).last().asString().contains("again the one");
  }

  private void edit(String old, String edited) throws IOException {
    Files.writeString(file, FILE.replace(old, edited));
  }

  private void look(int times) {
    for (int i = 0; i < times; i++) {
      reload.runOnce();
    }
  }

  private List<String> messages() {
    return events.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private ConfigResult<Settings> read() {
    Places places = new Places(folder.resolve("agent"), folder);
    return new ConfigReader(Map.of()).read(file, top -> Settings.parse(top, places));
  }
}

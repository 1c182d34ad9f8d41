package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.buildman.client.BuildsClient;
import dev.buildman.metrics.Metrics;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alerts and board ask for what a manager really measures. */
@RedisTest
class MonitoringIT {
  private static final Pattern SAMPLE =
      Pattern.compile("(?m)^(buildman_[a-z_]+)(?:\\{([^}]*)\\})? ");
  private static final Pattern ASKED = Pattern.compile("(buildman_[a-z_]+)(?:\\{([^}]*)\\})?");
  private static final Pattern LABEL = Pattern.compile("(\\w+)(?:!~|=~|!=|=)\"");
  private static final List<String> FILES =
      List.of("conf/prometheus-rules.yaml", "conf/grafana-board.json");

  @TempDir private Path folder;

  @Test
  void everyMetricAndLabelThatIsAskedForIsThere(TestRedis redis) throws Exception {
    Set<String> there = new TreeSet<>();
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        ManagerProcess manager = site.manager(Map.of());
        BuildsClient client = manager.client()) {
      steps.pushBase(client);
      String scraped = scrape(manager.ports().metrics());
      // Alarms are there before they are needed: one that begins at one shows no increase.
      assertThat(scraped)
          .contains("buildman_slots_released_total 0.0")
          .contains("buildman_workers_reaped_total{executor=\"popen\"} 0.0");
      there.addAll(samples(scraped));
    }
    there.addAll(samples(misfortunes()));

    for (String file : FILES) {
      Set<String> asked = asked(Files.readString(Path.of("..").resolve(file)));
      assertThat(asked).as(file).hasSizeGreaterThan(8);
      assertThat(there).as(file).containsAll(asked);
    }
  }

  @Test
  void theBoardsPanelsHaveIdsOfTheirOwnAndExpressions() throws Exception {
    JsonNode board =
        new ObjectMapper().readTree(Path.of("..", "conf", "grafana-board.json").toFile());
    assertThat(board.get("panels"))
        .hasSizeGreaterThan(8)
        .allSatisfy(
            panel ->
                assertThat(panel.get("targets"))
                    .isNotEmpty()
                    .allSatisfy(target -> assertThat(target.get("expr").asText()).isNotBlank()));
    assertThat(board.get("panels"))
        .extracting(panel -> panel.get("id").asInt())
        .doesNotHaveDuplicates();
  }

  /** What a good run does not have, from the same code. */
  private static String misfortunes() {
    Metrics metrics = new Metrics();
    metrics.attemptRepeated("HEARTBEAT_LOST");
    metrics.workerReaped("popen");
    metrics.slotReleased();
    return metrics.scrape();
  }

  /** Names, and names with each of their labels. */
  private static Set<String> samples(String scraped) {
    Set<String> samples = new TreeSet<>();
    Matcher sample = SAMPLE.matcher(scraped);
    while (sample.find()) {
      add(samples, sample);
    }
    return samples;
  }

  private static Set<String> asked(String file) {
    Set<String> asked = new TreeSet<>();
    Matcher one = ASKED.matcher(file.replace("\\\"", "\""));
    while (one.find()) {
      add(asked, one);
    }
    return asked;
  }

  private static void add(Set<String> all, Matcher found) {
    all.add(found.group(1));
    Matcher label = LABEL.matcher(found.group(2) == null ? "" : found.group(2));
    while (label.find()) {
      all.add(found.group(1) + " " + label.group(1));
    }
  }

  private static String scrape(int port) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI metrics = URI.create("http://127.0.0.1:" + port + "/metrics");
      return http.send(
              HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}

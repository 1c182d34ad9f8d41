package dev.buildman.executor.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The policy of the documentation allows what the executor does, and nothing more. */
class PolicyInDocsIT {
  private static final Path DOCS = Path.of("..", "docs", "ec2.md");

  private static JsonNode policy() throws IOException {
    String text = Files.readString(DOCS);
    int begin = text.indexOf("```json\n") + "```json\n".length();
    return JsonMapper.builder().build().readTree(text.substring(begin, text.indexOf("```", begin)));
  }

  private static Set<String> actions(JsonNode statement) {
    JsonNode action = statement.get("Action");
    Set<String> actions = new TreeSet<>();
    if (action.isArray()) {
      action.forEach(one -> actions.add(one.asText()));
    } else {
      actions.add(action.asText());
    }
    return actions;
  }

  @Test
  void itHasEachRightThatTheStartAsksForAndNoOther() throws IOException {
    Set<String> allowed = new TreeSet<>();
    policy().get("Statement").forEach(statement -> allowed.addAll(actions(statement)));

    Set<String> needed = new TreeSet<>(RightsCheck.ALL);
    needed.addAll(Set.of("ec2:RunInstances", "ec2:CreateTags", "sts:DecodeAuthorizationMessage"));
    assertThat(allowed).isEqualTo(needed);
  }

  @Test
  void whatEndsOrLaunchesHangsOnTheTagOfTheInstallation() throws IOException {
    for (JsonNode statement : policy().get("Statement")) {
      if (actions(statement).contains("ec2:TerminateInstances")) {
        assertThat(statement.toString()).contains("aws:ResourceTag/buildman.dev/installation");
      }
      if (statement.toString().contains(":instance/*")
          && actions(statement).contains("ec2:RunInstances")) {
        assertThat(statement.toString()).contains("aws:RequestTag/buildman.dev/installation");
      }
    }
  }
}

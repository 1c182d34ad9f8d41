package dev.buildman.tags;

import dev.buildman.model.Credentials;
import java.util.List;

/**
 * Which tags are asked for.
 *
 * @param registry host[:port]
 * @param repository its path there
 * @param tags in the order of preference
 * @param credentials to read with; none: anonymous
 */
public record TagQuestion(
    String registry, String repository, List<String> tags, Credentials credentials) {
  public TagQuestion {
    tags = List.copyOf(tags);
  }
}

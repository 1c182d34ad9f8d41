package dev.buildman.agent.run;

import dev.buildman.agent.engine.BaseImage;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.link.CacheQuestion;
import dev.buildman.agent.logship.LogShipper;
import dev.buildman.agent.registry.ImageReference;
import java.util.List;
import java.util.Optional;

/**
 * Offers the engine an image that an earlier build pushed, where it gains by one. Whatever goes
 * wrong here costs the cache, never the build.
 */
final class CachePriming {
  private final CacheQuestion question;
  private final LogShipper log;

  CachePriming(CacheQuestion question, LogShipper log) {
    this.question = question;
    this.log = log;
  }

  /** After the bases are pulled, before anything is built. */
  void offer(WorkOrder order, EngineBuild build, List<BaseImage> bases)
      throws InterruptedException {
    if (order.options().noCache() || !build.gainsFromEarlierImage()) {
      return;
    }
    Optional<ImageReference> earlier = earlier(order, bases);
    if (earlier.isPresent()) {
      log.line("Looking for cached steps in " + earlier.get());
      build.prime(earlier.get());
    }
  }

  private Optional<ImageReference> earlier(WorkOrder order, List<BaseImage> bases)
      throws InterruptedException {
    Optional<String> tag = bases.isEmpty() ? question.tag("", "", "") : ask(bases.getLast());
    try {
      return tag.map(name -> order.tags().getFirst().withTag(name));
    } catch (IllegalArgumentException e) {
      log.line("The manager names a tag for the cache that is none: " + e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<String> ask(BaseImage base) throws InterruptedException {
    ImageReference name = ImageReference.parse(base.reference());
    String tag = name.tag();
    return question.tag(name.repository().toString(), tag == null ? "" : tag, base.imageId());
  }
}

package dev.buildman.executor.ec2;

import dev.buildman.runtime.Threads;
import dev.buildman.runtime.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.DescribeImagesRequest;
import software.amazon.awssdk.services.ec2.model.DescribeInstanceTypesRequest;
import software.amazon.awssdk.services.ec2.model.InstanceTypeInfo;

/**
 * What each type of instance boots from. It is looked up beside the launches, never in one: that
 * takes three calls, of which one goes to somebody else's server. Safe for use by several threads.
 */
final class MachineImages {
  private static final Logger log = LoggerFactory.getLogger(MachineImages.class);

  /** How long a failed look is left alone. */
  private static final Duration AGAIN = Duration.ofSeconds(30);

  /** How long the newest image of a channel counts as that: they come every two weeks. */
  private static final Duration FRESH = Duration.ofHours(6);

  // Of what the types that build can offer; others are of the past, or desktops.
  private static final List<String> ARCHITECTURES = List.of("x86_64", "arm64");

  /** An image, and the device that its root volume has to be called. */
  record Image(String id, String architecture, String rootDevice) {}

  private sealed interface State {
    record Unknown() implements State {}

    record Looking(String sentence) implements State {}

    record Known(Map<String, Image> byType, long since) implements State {}

    record Failed(String sentence, long since) implements State {}
  }

  private final Account account;
  private final ImageSource source;
  private final List<String> types;
  private final Ticker ticker;
  private final AtomicReference<State> state = new AtomicReference<>(new State.Unknown());

  MachineImages(Account account, ImageSource source, List<Pool> pools, Ticker ticker) {
    this.account = account;
    this.source = source;
    this.types = pools.stream().map(Pool::type).distinct().toList();
    this.ticker = ticker;
  }

  /** Why nothing can be launched yet; a look is begun where that helps. Empty: all is known. */
  Optional<String> trouble() {
    State seen = state.get();
    return switch (seen) {
      case State.Known(Map<String, Image> byType, long since) -> {
        if (source.ami().isEmpty() && ticker.since(since).compareTo(FRESH) >= 0) {
          begin(seen, new State.Known(byType, ticker.nanos()));
        }
        yield Optional.empty();
      }
      case State.Looking(String sentence) -> Optional.of(sentence);
      case State.Failed(String sentence, long since) -> {
        if (ticker.since(since).compareTo(AGAIN) >= 0) {
          begin(seen, looking());
        }
        yield Optional.of(sentence);
      }
      case State.Unknown _ -> {
        State.Looking looking = looking();
        begin(seen, looking);
        yield Optional.of(looking.sentence());
      }
    };
  }

  /** Looks now, unless all is known. */
  void look() {
    State seen = state.get();
    if (seen instanceof State.Unknown || seen instanceof State.Failed) {
      State.Looking looking = looking();
      if (state.compareAndSet(seen, looking)) {
        look(looking);
      }
    }
  }

  /** What a type boots from, when there is no {@link #trouble}. */
  Optional<Image> image(String type) {
    return state.get() instanceof State.Known known
        ? Optional.ofNullable(known.byType().get(type))
        : Optional.empty();
  }

  /** The provider does not have it any more. */
  void lost() {
    state.set(new State.Unknown());
  }

  private State.Looking looking() {
    return new State.Looking(
        "the image of its machines is being looked up (%s)"
            .formatted(source.ami().orElseGet(() -> "Fedora CoreOS " + source.channel())));
  }

  private void begin(State seen, State meanwhile) {
    if (state.compareAndSet(seen, meanwhile)) {
      Thread look = Threads.start("ec2-images", () -> look(meanwhile));
      log.debug("image of machines is looked up: thread={}", look.getName());
    }
  }

  private void look(State meanwhile) {
    String trouble;
    try {
      Map<String, Image> byType = read();
      state.set(new State.Known(byType, ticker.nanos()));
      log.info("machines boot from: images={}", byType);
      return;
    } catch (SdkException e) {
      trouble = Ec2Answer.words(e, account.where());
    } catch (IOException e) {
      trouble = String.valueOf(e.getMessage());
    } catch (RuntimeException e) {
      if (account.isClosed()) {
        return;
      }
      throw e;
    }
    log.warn("image of machines not found: {}", trouble);
    // One that is known goes on to serve.
    state.compareAndSet(
        meanwhile,
        meanwhile instanceof State.Known
            ? meanwhile
            : new State.Failed(
                "the image of its machines is not known: " + trouble, ticker.nanos()));
  }

  private Map<String, Image> read() throws IOException {
    Map<String, String> architectures = architectures();
    Map<String, Image> byType = new TreeMap<>();
    if (source.ami().isPresent()) {
      Image image = describe(source.ami().get());
      for (String type : types) {
        if (!image.architecture().equals(architectures.get(type))) {
          throw new IOException(
              "COREOS_AMI %s is for %s, and EC2_INSTANCE_TYPE %s is %s"
                  .formatted(image.id(), image.architecture(), type, architectures.get(type)));
        }
        byType.put(type, image);
      }
      return byType;
    }
    ImageStream stream = ImageStream.fetch(account.http(), source.stream());
    Map<String, Image> byArchitecture = new TreeMap<>();
    for (String architecture : architectures.values()) {
      if (!byArchitecture.containsKey(architecture)) {
        String id = stream.image(architecture, account.region());
        byArchitecture.put(architecture, describe(id));
      }
    }
    architectures.forEach((type, of) -> byType.put(type, byArchitecture.get(of)));
    return byType;
  }

  private Map<String, String> architectures() throws IOException {
    Map<String, String> architectures = new TreeMap<>();
    for (InstanceTypeInfo type :
        account
            .looks()
            .describeInstanceTypes(
                DescribeInstanceTypesRequest.builder().instanceTypesWithStrings(types).build())
            .instanceTypes()) {
      List<String> all = type.processorInfo().supportedArchitecturesAsStrings();
      ARCHITECTURES.stream()
          .filter(all::contains)
          .findFirst()
          .ifPresent(of -> architectures.put(type.instanceTypeAsString(), of));
    }
    for (String type : types) {
      if (!architectures.containsKey(type)) {
        throw new IOException(
            "%s has no type %s for x86_64 or arm64; check EC2_INSTANCE_TYPE"
                .formatted(account.where(), type));
      }
    }
    return architectures;
  }

  private Image describe(String id) throws IOException {
    return account
        .looks()
        .describeImages(DescribeImagesRequest.builder().imageIds(id).build())
        .images()
        .stream()
        .findFirst()
        .map(image -> new Image(id, image.architectureAsString(), image.rootDeviceName()))
        .orElseThrow(
            () ->
                new IOException(
                    "%s has no image %s; check COREOS_AMI: an image belongs to one region"
                        .formatted(account.where(), id)));
  }
}

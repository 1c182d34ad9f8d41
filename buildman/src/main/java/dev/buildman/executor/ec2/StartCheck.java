package dev.buildman.executor.ec2;

import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.Secret;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;

/**
 * Finds out at the start what would else be learned from the first build: it asks for the rights
 * (E8), and lets the provider judge launches that it does not make.
 */
final class StartCheck {
  private static final int MOST_POOLS = 12;

  private final Account account;
  private final Ec2Settings settings;
  private final MachineImages images;
  private final InstanceRequest requests;
  private final RightsCheck rights;
  private final RefusedRight refused;

  StartCheck(
      Account account,
      Ec2Settings settings,
      MachineImages images,
      InstanceRequest requests,
      RightsCheck rights,
      RefusedRight refused) {
    this.account = account;
    this.settings = settings;
    this.images = images;
    this.requests = requests;
    this.rights = rights;
    this.refused = refused;
  }

  /** A sentence for each thing that keeps workers from starting; none when all is well. */
  List<String> findings() {
    Set<String> missing = new LinkedHashSet<>();
    List<String> findings = new ArrayList<>();
    try {
      missing.addAll(rights.missing());
    } catch (SdkException e) {
      // Nothing else would be answered otherwise.
      return List.of(Ec2Answer.words(e, account.where()));
    }
    if (!missing.contains(RightsCheck.IMAGES) && !missing.contains(RightsCheck.TYPES)) {
      images.look();
      images.trouble().ifPresent(findings::add);
    }
    Set<String> judged = new LinkedHashSet<>();
    settings.pools().stream()
        .limit(MOST_POOLS)
        .forEach(pool -> judge(pool, missing).ifPresent(judged::add));
    findings.addAll(judged);
    if (!missing.isEmpty()) {
      findings.addFirst(
          "its account lacks rights: %s; give them in a policy (docs/ec2.md)"
              .formatted(String.join(", ", missing)));
    }
    rights.doubt().ifPresent(findings::add);
    return findings;
  }

  private Optional<String> judge(Pool pool, Set<String> missing) {
    Optional<MachineImages.Image> image = images.image(pool.type());
    if (image.isEmpty()) {
      return Optional.empty();
    }
    RunInstancesRequest launch =
        requests.of(any(), pool, image.get(), Secret.of("{}")).toBuilder()
            .dryRun(true)
            .clientToken(null)
            .build();
    try {
      account.looks().runInstances(launch);
      return Optional.empty();
    } catch (SdkException e) {
      return switch (Ec2Answer.kind(e)) {
        // Those are for builds to wait for.
        case ALLOWED, NO_ROOM, QUOTA, THROTTLED -> Optional.empty();
        case NOT_ALLOWED -> {
          missing.add(refused.action(e).orElse("ec2:RunInstances"));
          yield Optional.empty();
        }
        default -> Optional.of("it refuses workers: " + Ec2Answer.words(e, account.where()));
      };
    }
  }

  private WorkerRequest any() {
    return WorkerRequest.forCheck(settings.common().maxLifetime());
  }
}

package dev.buildman.executor.kubernetes;

import dev.buildman.executor.Exit;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.executor.boot.Machine;
import dev.buildman.executor.boot.MachineEnd;
import dev.buildman.executor.boot.UserData;
import dev.buildman.model.Secret;
import dev.buildman.model.WorkerExit;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A container that boots a machine, and the machine runs the agent: privileged, as the emulator
 * needs the node's KVM. What it hands over is the machine's user data, in Quay's variables.
 */
final class MachineContainer implements WorkerKind {
  private static final String USER_DATA = "USERDATA";
  private static final String KEY = "user-data";

  private final KubernetesSettings settings;
  private final VirtualMachine machine;
  private final Machine boot;

  MachineContainer(KubernetesSettings settings, VirtualMachine machine) {
    this.settings = settings;
    this.machine = machine;
    this.boot = new Machine(machine.boot());
  }

  @Override
  public boolean needsSecret() {
    return !settings.common().tokenInEnv();
  }

  @Override
  public boolean printsItsEnd() {
    return true;
  }

  @Override
  public WorkerExit exit(Exit container) {
    // The emulator's own exit status says nothing of the agent's.
    return container.how().outOfMemory() ? container.how() : MachineEnd.read(container.lastLines());
  }

  @Override
  public Written write(WorkerRequest request) {
    return switch (boot.userData(
        request, VirtualMachine.environment(settings.common()), VirtualMachine.USER_DATA)) {
      case UserData.Refused(String sentence) -> new Written.Impossible(sentence);
      case UserData.Made(Secret text, boolean _) -> parts(request, text);
    };
  }

  private Written.Parts parts(WorkerRequest request, Secret userData) {
    String text = userData.reveal();
    if (!needsSecret()) {
      return new Written.Parts(container(new EnvVar(USER_DATA, text, null)), List.of(), Map.of());
    }
    EnvVar fromSecret =
        new EnvVarBuilder()
            .withName(USER_DATA)
            .withNewValueFrom()
            .withNewSecretKeyRef(KEY, request.name().value(), false)
            .endValueFrom()
            .build();
    return new Written.Parts(
        container(fromSecret), List.of(), Map.of(KEY, text.getBytes(StandardCharsets.UTF_8)));
  }

  private Container container(EnvVar userData) {
    WorkerPod pod = settings.pod();
    return new ContainerBuilder()
        .withName(JobManifest.CONTAINER)
        .withImage(pod.image())
        .withImagePullPolicy(pod.pullPolicy())
        .withEnv(
            userData,
            new EnvVar("VM_MEMORY", machine.memory(), null),
            new EnvVar("VM_VOLUME_SIZE", machine.disk(), null))
        .withResources(pod.resources().requirements())
        .withSecurityContext(pod.isolation().ofContainer(pod.seccompProfile()))
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .build();
  }
}

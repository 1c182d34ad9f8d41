package dev.buildman.executor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlimStoreTest {
  private static Pod pod() {
    return new PodBuilder()
        .withNewMetadata()
        .withName("w-pod01")
        .withNamespace("builder")
        .withLabels(Map.of("a", "b"))
        .withManagedFields(new ManagedFieldsEntry())
        .endMetadata()
        .withNewSpec()
        .withContainers(
            new ContainerBuilder().withName("worker").addNewEnv().withName("A").endEnv().build(),
            new ContainerBuilder().withName("beside").build())
        .endSpec()
        .withNewStatus()
        .addNewContainerStatus()
        .withName("worker")
        .withNewState()
        .withNewTerminated()
        .withExitCode(0)
        .endTerminated()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  @Test
  void whatIsReadOfAPodIsKeptAndNothingElse() {
    SlimStore<Pod> store = new SlimStore<>(SlimStore::slim);
    store.put("builder/w-pod01", pod());

    Pod kept = store.get("builder/w-pod01");
    assertThat(kept.getMetadata().getLabels()).containsOnlyKeys("a");
    assertThat(kept.getMetadata().getManagedFields()).isEmpty();
    assertThat(kept.getStatus()).isEqualTo(pod().getStatus());
    assertThat(kept.getSpec().getContainers())
        .extracting(container -> container.getName() + container.getEnv())
        .containsExactly("worker[]", "beside[]");
  }

  /** That the second has not begun yet is told by how many there are to be. */
  @Test
  void aPodOfTwoContainersIsNotOverWithTheFirst() {
    assertThat(Remains.isOver(SlimStore.slim(pod()))).isFalse();
  }
}

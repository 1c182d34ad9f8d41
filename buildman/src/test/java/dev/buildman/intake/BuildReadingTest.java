package dev.buildman.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.Credentials;
import dev.buildman.model.EngineNeeds;
import dev.buildman.model.HistoryEntry;
import dev.buildman.model.Phase;
import dev.buildman.model.RepositoryName;
import dev.buildman.model.Source;
import dev.buildman.model.Usage;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BuildReadingTest {

  private static final BuildId ID = BuildId.random();
  private static final HistoryEntry FIRST =
      new HistoryEntry(1, Instant.EPOCH, "ENQUEUED", 0, "", "");
  private static final HistoryEntry SECOND =
      new HistoryEntry(2, Instant.EPOCH, "PHASE", 1, "k8s", "");
  private static final HistoryCursor SEEN = HistoryCursor.START.over(List.of(FIRST));

  @Test
  void aBuildThatMovesBetweenTheTwoReadsIsReadAgain() {
    Optional<BuildReading> reading =
        take(views(Phase.BUILD_SCHEDULED, Phase.UNPACKING), List.of(FIRST, SECOND));
    assertThat(reading.orElseThrow().view().standing().phase()).isEqualTo(Phase.UNPACKING);
    assertThat(reading.orElseThrow().history()).containsExactly(FIRST, SECOND);
  }

  @Test
  void withoutNewsNothingIsReadTwice() {
    Deque<Optional<BuildView>> views = views(Phase.BUILD_SCHEDULED);
    Optional<BuildReading> reading =
        BuildReading.take(views::removeFirst, () -> List.of(FIRST), SEEN);
    assertThat(reading.orElseThrow().view().standing().phase()).isEqualTo(Phase.BUILD_SCHEDULED);
  }

  @Test
  void whatItsWorkerUsesMovesNoBuild() {
    Deque<Optional<BuildView>> views = new ArrayDeque<>();
    views.add(Optional.of(view(Phase.BUILDING, new Usage(1, 0, 0))));
    views.add(Optional.of(view(Phase.BUILDING, new Usage(2, 0, 0))));
    views.add(Optional.of(view(Phase.PUSHING, Usage.UNKNOWN)));
    Optional<BuildReading> reading = take(views, List.of(FIRST, SECOND));
    assertThat(reading.orElseThrow().view().standing().phase()).isEqualTo(Phase.BUILDING);
  }

  @Test
  void aBuildThatNeverRestsIsToldAsItIs() {
    Phase[] phases = new Phase[20];
    for (int i = 0; i < phases.length; i++) {
      phases[i] = i % 2 == 0 ? Phase.WAITING : Phase.BUILD_SCHEDULED;
    }
    assertThat(take(views(phases), List.of(FIRST, SECOND))).isPresent();
  }

  @Test
  void aBuildThatIsRetiredMeanwhileIsGone() {
    Deque<Optional<BuildView>> views = views(Phase.COMPLETE);
    views.add(Optional.empty());
    assertThat(take(views, List.of(FIRST, SECOND))).isEmpty();
  }

  private static Optional<BuildReading> take(
      Deque<Optional<BuildView>> views, List<HistoryEntry> history) {
    return BuildReading.take(
        () -> views.size() == 1 ? views.getFirst() : views.removeFirst(), () -> history, SEEN);
  }

  private static Deque<Optional<BuildView>> views(Phase... phases) {
    Deque<Optional<BuildView>> views = new ArrayDeque<>();
    Arrays.stream(phases).map(phase -> Optional.of(view(phase, Usage.UNKNOWN))).forEach(views::add);
    return views;
  }

  private static BuildView view(Phase phase, Usage usage) {
    return new BuildView(
        ID,
        new BuildSpec(
            RepositoryName.parse("a/b"),
            "registry.example",
            List.of("latest"),
            new Source.Image("a/b"),
            "",
            "",
            Map.of(),
            Map.of(),
            "",
            false,
            Credentials.NONE,
            Map.of(),
            EngineNeeds.NONE),
        new BuildView.Notes("", Map.of()),
        new BuildView.Standing(phase, "", ""),
        new BuildView.Counts(1, 3, 0, 0),
        new BuildView.Times(Instant.EPOCH, Optional.empty(), Optional.empty()),
        new BuildView.Origin(Optional.empty(), ""),
        Optional.of(
            new BuildView.WorkerView("k8s", "1", "", Optional.empty(), Optional.empty(), usage)),
        0,
        Optional.empty());
  }
}

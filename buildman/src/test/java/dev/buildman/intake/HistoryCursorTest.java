package dev.buildman.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.HistoryEntry;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class HistoryCursorTest {

  @Test
  void itGoesOnAfterTheLastEventAlsoWithinAMillisecond() {
    HistoryCursor cursor = HistoryCursor.START.over(history(1, 3));
    assertThat(cursor.after(history(1, 5))).isEqualTo(history(4, 5));
    assertThat(cursor.after(history(1, 3))).isEmpty();
    assertThat(HistoryCursor.START.after(history(1, 2))).isEqualTo(history(1, 2));
    assertThat(HistoryCursor.START.over(List.of())).isEqualTo(HistoryCursor.START);
  }

  @Test
  void whatIsTooOldToBeThereIsPassedOver() {
    HistoryCursor cursor = HistoryCursor.START.over(history(1, 3));
    assertThat(cursor.after(history(10, 12))).isEqualTo(history(10, 12));
  }

  @Test
  void anEventThatAFailoverLostLeadsToAllThatAreThere() {
    HistoryCursor cursor = HistoryCursor.START.over(history(1, 3));
    assertThat(cursor.after(history(1, 2))).isEqualTo(history(1, 2));
    List<HistoryEntry> others = List.of(entry(1, "A"), entry(2, "A"), entry(3, "B"));
    assertThat(cursor.after(others)).isEqualTo(others);
  }

  @Test
  void itsTextComesBackAsItWasAndOtherTextIsRefused() {
    HistoryCursor cursor = HistoryCursor.START.over(history(1, 3));
    assertThat(HistoryCursor.parse(cursor.toString())).contains(cursor);
    assertThat(HistoryCursor.parse("")).contains(HistoryCursor.START);
    for (String bad : List.of("3", "3.", "-1.00000000", "3.0000000g", "3.00000000 ", "é")) {
      assertThat(HistoryCursor.parse(bad)).as(bad).isEmpty();
    }
  }

  private static List<HistoryEntry> history(long from, long to) {
    return LongStream.rangeClosed(from, to).mapToObj(number -> entry(number, "A")).toList();
  }

  private static HistoryEntry entry(long number, String reason) {
    return new HistoryEntry(number, Instant.EPOCH, reason, 1, "k8s", "");
  }
}

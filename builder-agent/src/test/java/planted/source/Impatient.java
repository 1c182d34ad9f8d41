package planted.source;

import java.time.Instant;
import java.util.function.LongSupplier;

final class Impatient {
  final Instant planted = Instant.now();
  final LongSupplier ticker = System::nanoTime;

  void act() throws InterruptedException {
    Thread.sleep(1);
    System.out.println(System.getenv("PLANTED"));
    System.exit(1);
  }
}

package planted.run;

final class KnowsAdapter {
  planted.engine.embedded.Adapter planted;
}

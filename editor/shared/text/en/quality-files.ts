/** Files for and from other programs: reports, AQDEF. */
export const qualityFiles = {
  menu: 'Report',
  chart: 'Control chart',
  capability: 'Capability',
  measurements: 'Measurements',
  pdf: (what: string) => `${what} as PDF`,
  csv: (what: string) => `${what} as CSV`,
  aqdef: 'For Q-DAS (AQDEF .dfq)',
  points: (count: string) => `The newest ${count} points`,
  import: {
    title: 'From Q-DAS (AQDEF)',
    lead: 'A file .dfq, or a description .dfd with its values .dfx: choose both. Characteristics are matched by name, part and unit, or added; values are entered as imported, and the same file twice is once.',
    choose: 'Choose AQDEF files',
    looking: 'Reading …',
    go: (count: string) => `Take over (values: ${count})`,
    partly: (count: string) => `Take over the rest (values: ${count})`,
    working: 'Taking over …',
    states: { matched: 'is there', made: 'added', new: 'will be added', refused: 'not taken over' },
    values: (count: string) => `values: ${count}`,
    entered: (entered: string, repeated: string) => `${entered} entered, ${repeated} were there`,
    done: (count: string) => `Taken over. Values: ${count}.`,
    problems: (count: string) => `What cannot be taken over (${count}):`,
    line: (line: string) => `Line ${line}`,
    /** The server's sentence, with what it quotes from the file. */
    problem: (_code: string, text: string) => text,
  },
}

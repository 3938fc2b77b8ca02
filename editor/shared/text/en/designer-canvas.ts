/** English: what the designer's canvas offers by itself. */
export const designerCanvas = {
  actions: {
    smooth: 'Wires: smooth, round the nodes',
    square: 'Wires: right angles, round the nodes',
    curved: 'Wires: plain curves, as in Node-RED',
    map: 'Minimap',
    guides: 'Guide lines while dragging',
    followOut: 'Follow the wire to the next node',
    followIn: 'Follow the wire back',
    nextWire: 'Choose the next wire of this node',
    previousWire: 'Choose the previous wire of this node',
  },
  words: {
    wires: 'routing route orthogonal bezier lines connections avoid',
    map: 'overview navigator birdseye',
    guides: 'snap alignment helper',
    follow: 'walk along downstream upstream next previous',
    wire: 'select connection delete',
  },
  why: {
    noNode: 'Choose a node first.',
    noWires: 'This node has no wires.',
    noneOut: 'No wire leads on from here.',
    noneIn: 'No wire leads here.',
  },
  group: {
    none: 'the group',
    into: (name: string) => `Into ${name}`,
    out: (name: string) => `Out of ${name}`,
  },
  said: {
    into: (name: string) => `Put into ${name}`,
    out: (name: string) => `Taken out of ${name}`,
    loose: 'Taken out of the chain; what led to it now leads to what follows.',
    choosePort: 'The group is open: choose the port inside.',
    wire: (from: string, to: string, index: number, count: number) => `Wire from ${from} to ${to}, ${index} of ${count}. Delete removes it.`,
    wires: { smooth: 'Wires run smoothly round the nodes', square: 'Wires run at right angles round the nodes', curved: 'Wires are plain curves' },
  },
}

/** Deutsch: was die Arbeitsfläche des Designers von sich aus anbietet. */
import type { designerCanvas as en } from '../en/designer-canvas.ts'
import type { Translation } from '../index.ts'

export const designerCanvas: Translation<typeof en> = {
  actions: {
    smooth: 'Verbindungen: geschwungen, um die Knoten herum',
    square: 'Verbindungen: rechtwinklig, um die Knoten herum',
    curved: 'Verbindungen: einfache Kurven wie in Node-RED',
    map: 'Übersichtskarte',
    guides: 'Hilfslinien beim Ziehen',
    followOut: 'Der Verbindung zum nächsten Knoten folgen',
    followIn: 'Der Verbindung zurück folgen',
    nextWire: 'Nächste Verbindung dieses Knotens wählen',
    previousWire: 'Vorige Verbindung dieses Knotens wählen',
  },
  words: {
    wires: 'routing verlauf orthogonal bezier linien ausweichen kabel leitung',
    map: 'minimap überblick navigator',
    guides: 'einrasten ausrichten fluchten',
    follow: 'gehen entlang abwärts aufwärts weiter zurück',
    wire: 'auswählen leitung löschen',
  },
  why: {
    noNode: 'Zuerst einen Knoten wählen.',
    noWires: 'Dieser Knoten hat keine Verbindungen.',
    noneOut: 'Von hier führt keine Verbindung weiter.',
    noneIn: 'Hierher führt keine Verbindung.',
  },
  group: {
    none: 'die Gruppe',
    into: (name: string) => `In ${name}`,
    out: (name: string) => `Heraus aus ${name}`,
  },
  said: {
    into: (name: string) => `In ${name} gelegt`,
    out: (name: string) => `Aus ${name} herausgenommen`,
    loose: 'Aus der Kette genommen; was dorthin führte, führt nun zum Nächsten.',
    choosePort: 'Die Gruppe ist offen: den Anschluss darin wählen.',
    wire: (from, to, index, count) => `Verbindung von ${from} nach ${to}, ${index} von ${count}. Entf löscht sie.`,
    wires: {
      smooth: 'Verbindungen verlaufen geschwungen um die Knoten herum',
      square: 'Verbindungen verlaufen rechtwinklig um die Knoten herum',
      curved: 'Verbindungen sind einfache Kurven',
    },
  },
}

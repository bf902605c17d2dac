// Draws a mysfit: everybody has the same portrait on every visit, made of the letters of its id.

const SVG = "http://www.w3.org/2000/svg";
const SCENES = {
  Good: { sky: ["#fbe3b4", "#f6c98b"], hill: "#d99a5b", hues: [16, 34, 46] },
  Neutral: { sky: ["#cfe3e0", "#a5cbc9"], hill: "#6d9f9b", hues: [176, 196, 152] },
  Evil: { sky: ["#d9cbe4", "#b39bc9"], hill: "#7d6399", hues: [276, 310, 340] },
};

function element(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// FNV-1a, then a new number for each question.
function dice(text) {
  let state = 2166136261;
  for (const letter of text) state = Math.imul(state ^ letter.codePointAt(0), 16777619) >>> 0;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    return (state >>> 8) % sides;
  };
}

const BODIES = [
  "M160 78c46 0 66 34 70 76 3 34 0 66 0 66H90s-3-32 0-66c4-42 24-76 70-76z",
  "M160 84c58 0 84 40 84 80 0 30-8 56-8 56H84s-8-26-8-56c0-40 26-80 84-80z",
  "M160 66c36 0 54 30 60 74 6 46 16 80 16 80H84s10-34 16-80c6-44 24-74 60-74z",
];

function tops(kind, fill, dark) {
  const both = (d) => [element("path", { d, fill }), element("path", { d, fill, transform: "matrix(-1 0 0 1 320 0)" })];
  if (kind === 0) return both("M102 128c-20-30-24-62-16-86 26 10 46 30 54 56z");
  if (kind === 1) return both("M112 108c-26-4-44-22-44-48 10 10 28 10 40 6 14 4 26 16 28 30z");
  if (kind === 2) {
    const line = { fill: "none", stroke: dark, "stroke-width": 5, "stroke-linecap": "round" };
    const half = () => [
      element("path", { d: "M142 92c-6-26-18-40-34-46", ...line }),
      element("circle", { cx: 106, cy: 46, r: 9, fill: "#f7e2a0" }),
    ];
    return [element("g", {}, ...half()), element("g", { transform: "matrix(-1 0 0 1 320 0)" }, ...half())];
  }
  const spines = [0, 1, 2, 3, 4].map((n) => {
    const angle = ((n - 2) * 24 * Math.PI) / 180;
    const [x, y] = [160 + Math.sin(angle) * 108, 158 - Math.cos(angle) * 116];
    const [dx, dy] = [Math.cos(angle) * 17, Math.sin(angle) * 17];
    const [bx, by] = [160 + Math.sin(angle) * 58, 158 - Math.cos(angle) * 62];
    return element("path", { d: `M${x} ${y} L${bx + dx} ${by + dy} L${bx - dx} ${by - dy} Z`, fill: dark });
  });
  return spines;
}

function eyes(count, y, dark) {
  const places = { 1: [160], 2: [132, 188], 3: [125, 160, 195] }[count];
  const radius = { 1: 27, 2: 19, 3: 14 }[count];
  return places.flatMap((x, index) => {
    const lifted = count === 3 && index === 1 ? y - 20 : y;
    return [
      element("circle", { cx: x, cy: lifted, r: radius, fill: "#fffaf0" }),
      element("circle", { cx: x + 2, cy: lifted + 3, r: radius * 0.5, fill: dark }),
      element("circle", { cx: x - radius * 0.12, cy: lifted - radius * 0.12, r: radius * 0.17, fill: "#fffaf0" }),
    ];
  });
}

function mouth(kind, dark) {
  const line = { fill: "none", stroke: dark, "stroke-width": 5, "stroke-linecap": "round", "stroke-linejoin": "round" };
  if (kind === 0) return [element("path", { d: "M138 190c12 12 32 12 44 0", ...line })];
  if (kind === 1) return [element("path", { d: "M142 194h36", ...line })];
  return [
    element("path", { d: "M134 188c14 12 38 12 52 0", ...line }),
    element("path", { d: "M146 194l5 13 6-11z M174 194l-5 13-6-11z", fill: "#fffaf0" }),
  ];
}

export function icon(path) {
  return element("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, element("path", { d: path }));
}

let drawn = 0; // several portraits of one mysfit need gradients of their own

export function portrait(mysfit) {
  const roll = dice(mysfit.id);
  const scene = SCENES[mysfit.good_evil] ?? SCENES.Neutral;
  const hue = scene.hues[roll(scene.hues.length)] + roll(12);
  const fill = `hsl(${hue} 42% ${40 + roll(10)}%)`;
  const belly = `hsl(${hue} 46% 66%)`;
  const dark = `hsl(${hue} 45% 17%)`;
  const sky = `sky-${++drawn}`;
  const gradient = element(
    "linearGradient",
    { id: sky, x1: 0, y1: 0, x2: 0, y2: 1 },
    element("stop", { offset: 0, "stop-color": scene.sky[0] }),
    element("stop", { offset: 1, "stop-color": scene.sky[1] }),
  );
  const spots = [0, 1, 2].map(() =>
    element("circle", { cx: 24 + roll(272), cy: 16 + roll(70), r: 2 + roll(4), fill: "#fffaf0", opacity: 0.75 }),
  );
  return element(
    "svg",
    { viewBox: "0 0 320 220", preserveAspectRatio: "xMidYMax slice", "aria-hidden": "true" },
    element("defs", {}, gradient),
    element("rect", { width: 320, height: 220, fill: `url(#${sky})` }),
    ...spots,
    element("path", { d: `M0 ${176 + roll(20)} Q80 ${140 + roll(20)} 170 190 T320 ${166 + roll(24)} V220 H0 Z`, fill: scene.hill }),
    ...tops(roll(4), fill, dark),
    element("path", { d: BODIES[roll(BODIES.length)], fill }),
    element("ellipse", { cx: 160, cy: 226, rx: 52, ry: 44, fill: belly, opacity: 0.8 }),
    ...eyes(1 + roll(3), 146 + roll(8), dark),
    ...mouth(roll(3), dark),
  );
}

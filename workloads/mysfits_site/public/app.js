// The page: lists the mysfits of the API that config.json names, filters them, shows one, and sends likes.

import { icon, portrait } from "./portrait.js";

const FILTERS = [
  { attribute: "good_evil", title: "Nature", order: ["Good", "Neutral", "Evil"] },
  { attribute: "law_chaos", title: "Ways", order: ["Lawful", "Neutral", "Chaotic"] },
];
const AGAIN_AFTER = 4000; // milliseconds until an API that does not answer is asked again
const HEART = "M12 20.500 4.200 12.700a4.900 4.900 0 0 1 7-6.900l.8.800.8-.8a4.900 4.900 0 0 1 7 6.900z";

const cards = document.getElementById("cards");
const filters = document.getElementById("filters");
const notice = document.getElementById("notice");
const profile = document.getElementById("profile");

let api;
let chosen = null; // { attribute, value }, or null for all
let asked = 0; // the number of the newest list that was asked for
let again;

function made(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

async function answered(path, options) {
  const response = await fetch(api + path, { ...options, signal: AbortSignal.timeout(10000) });
  const told = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(told.message ?? `the API answered ${response.status}`);
  return told;
}

async function readConfig() {
  const response = await fetch("/config.json");
  if (!response.ok) throw new Error("there is no config.json");
  const { api: told } = await response.json();
  // A load balancer is told by its name alone.
  return (told.includes("://") ? told : `http://${told}`).replace(/\/+$/, "");
}

function say(text) {
  notice.textContent = text;
  notice.hidden = !text;
}

async function list() {
  const number = ++asked;
  clearTimeout(again);
  cards.setAttribute("aria-busy", "true");
  try {
    api ??= await readConfig();
    const query = chosen ? `?${new URLSearchParams({ filter: chosen.attribute, value: chosen.value })}` : "";
    const { mysfits } = await answered(`/mysfits${query}`);
    if (number !== asked) return; // somebody has chosen something else meanwhile
    if (!chosen) showFilters(mysfits);
    cards.replaceChildren(...mysfits.map(card));
    cards.setAttribute("aria-busy", "false");
    say(mysfits.length ? "" : "Nobody is like that.");
  } catch (error) {
    if (number !== asked) return;
    cards.replaceChildren();
    say("The mysfits are not answering yet. This page keeps calling them.");
    console.info(`mysfits: ${error.message}`);
    again = setTimeout(list, AGAIN_AFTER);
  }
}

function showFilters(mysfits) {
  const groups = FILTERS.map(({ attribute, title, order }) => {
    const place = (value) => (order.includes(value) ? order.indexOf(value) : order.length);
    const values = [...new Set(mysfits.map((mysfit) => mysfit[attribute]))];
    values.sort((one, other) => place(one) - place(other) || one.localeCompare(other));
    return made("fieldset", {}, made("legend", { textContent: title }), ...values.map((value) => chip(value, { attribute, value })));
  });
  filters.replaceChildren(chip("Everybody", null), ...groups);
}

function chip(text, choice) {
  const button = made("button", { type: "button", className: "chip", textContent: text });
  if (choice) button.dataset.filter = `${choice.attribute}=${choice.value}`;
  button.setAttribute("aria-pressed", String(JSON.stringify(choice) === JSON.stringify(chosen)));
  button.addEventListener("click", () => {
    chosen = choice;
    for (const each of filters.querySelectorAll(".chip")) each.setAttribute("aria-pressed", String(each === button));
    list();
  });
  return button;
}

function card(mysfit) {
  const open = made("button", { type: "button", className: "open", textContent: mysfit.name });
  open.addEventListener("click", () => show(mysfit));
  const about = made("div", {}, made("h2", {}, open), made("p", { textContent: mysfit.species }));
  const item = made(
    "li",
    { className: "card" },
    made("span", { className: "portrait" }, portrait(mysfit)),
    made("div", { className: "about" }, about, heart(mysfit)),
  );
  item.dataset.mysfit = mysfit.id;
  return item;
}

function heart(mysfit) {
  const count = made("span", { className: "count" });
  const button = made("button", { type: "button", className: "heart" }, icon(HEART), count);
  button.dataset.heart = mysfit.id;
  button.addEventListener("click", () => like(mysfit));
  count.textContent = mysfit.likes;
  button.setAttribute("aria-label", `Like ${mysfit.name}, liked ${mysfit.likes} times`);
  return button;
}

function hearts(mysfit) {
  return [...document.querySelectorAll(".heart")].filter((each) => each.dataset.heart === mysfit.id);
}

function count(mysfit) {
  for (const button of hearts(mysfit)) {
    button.querySelector(".count").textContent = mysfit.likes;
    button.setAttribute("aria-label", `Like ${mysfit.name}, liked ${mysfit.likes} times`);
  }
}

async function like(mysfit) {
  if (hearts(mysfit).some((button) => button.getAttribute("aria-busy") === "true")) return;
  for (const button of hearts(mysfit)) {
    button.classList.remove("liked");
    button.setAttribute("aria-busy", "true");
  }
  try {
    // Without a body, so that browsers need not ask first whether they may.
    Object.assign(mysfit, await answered(`/mysfits/${encodeURIComponent(mysfit.id)}/like`, { method: "POST" }));
    for (const button of hearts(mysfit)) button.classList.add("liked");
    count(mysfit);
    tell(`${mysfit.name} is pleased.`, "");
  } catch (error) {
    const sorry = `${mysfit.name} has perhaps not heard it: ${error.message}.`;
    tell(sorry, sorry);
  } finally {
    for (const button of hearts(mysfit)) button.removeAttribute("aria-busy");
  }
}

// Where somebody looks who has just clicked: in the profile if that is open, or else above the cards.
function tell(inProfile, aboveCards) {
  if (profile.open) profile.querySelector(".said").textContent = inProfile;
  else say(aboveCards);
}

async function show(mysfit) {
  const facts = [
    ["Age", `${mysfit.age} years`],
    ["Nature", mysfit.good_evil],
    ["Ways", mysfit.law_chaos],
    ["Home", mysfit.adopted ? "Adopted" : "Still looking"],
  ];
  const close = made("button", { type: "button", className: "close", textContent: "×" });
  close.setAttribute("aria-label", "Close");
  close.addEventListener("click", () => profile.close());
  const said = made("p", { className: "said" });
  said.setAttribute("role", "status");
  profile.replaceChildren(
    made("span", { className: "portrait" }, portrait(mysfit)),
    close,
    made(
      "div",
      { className: "body" },
      made("h2", { id: "profile-name", textContent: mysfit.name }),
      made("p", { className: "species", textContent: mysfit.species }),
      made("p", { className: "description", textContent: mysfit.description }),
      made("dl", { className: "facts" }, ...facts.map(([name, value]) => made("div", {}, made("dt", { textContent: name }), made("dd", { textContent: value })))),
      made("div", { className: "row" }, heart(mysfit), said),
    ),
  );
  profile.dataset.mysfit = mysfit.id;
  if (!profile.open) profile.showModal();
  try {
    // Others may have liked it since the list was made.
    Object.assign(mysfit, await answered(`/mysfits/${encodeURIComponent(mysfit.id)}`));
    count(mysfit);
  } catch (error) {
    said.textContent = `What is shown may be old: ${error.message}.`;
  }
}

profile.addEventListener("click", (event) => {
  if (event.target === profile) profile.close(); // beside it
});

list();

// The dashboard's start.
const main = document.getElementById("main");
const events = new EventSource("/events");
events.addEventListener("view", (event) => {
  if (main) main.textContent = String((event as MessageEvent<unknown>).data);
});
